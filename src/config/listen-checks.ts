import type { SiteFile } from './site-schema.ts';
import type { ReportAt } from './yaml-file.ts';

interface Listening {
  readonly listen?: Partial<SiteFile['listen']>;
  readonly mqtt?: Partial<SiteFile['mqtt']>;
}

/** What the schema cannot say about the ports of the gateway. */
export function checkListen({ listen, mqtt }: Listening, report: ReportAt): void {
  const { opcua } = listen ?? {};
  if (!opcua) return;
  const place = ['listen', 'opcua'] as const;
  if (opcua.user && opcua.security === 'none') {
    const mend = 'write security: sign-and-encrypt';
    report([...place, 'user'], 'key', 'a password would cross the network in the clear', mend);
  }
  const broker = mqtt?.url === undefined ? mqtt?.port : undefined;
  if (opcua.port === 0 || (opcua.port !== listen?.http && opcua.port !== broker)) return;
  const owner = opcua.port === listen?.http ? 'HTTP' : 'the MQTT broker';
  report([...place, 'port'], 'value', `port ${opcua.port} is already that of ${owner}`, 'write another');
}
