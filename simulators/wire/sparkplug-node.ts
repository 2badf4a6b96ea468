import type { DeviceProfile } from '../../src/config/profile-schema.ts';
import type { TrueValues } from './raw-value.ts';
import { rawOf } from './raw-value.ts';
import type { Sender } from './sender.ts';
import { type Metric, sparkplugPayload } from './sparkplug-payload.ts';

const GROUP = 'aisle';
const SESSION = 0;

const nodeOf = (name: string) => `edge-${name}`;

/** The last will of an edge node that has one device, which bears its name. */
export const deathOf = (name: string, timeMs: number) => ({
  topic: `spBv1.0/${GROUP}/NDEATH/${nodeOf(name)}`,
  payload: sparkplugPayload({ timeMs, seq: null, metrics: [], bdSeq: SESSION }),
});

export const commandTopicOf = (name: string): string => `spBv1.0/${GROUP}/NCMD/${nodeOf(name)}`;

/** An edge node of Sparkplug B with one device below it. */
export interface EdgeNode {
  /** Birth of the node and of its device: after each connect, and when the host asks for it. */
  born(): void;
  /** What the device measures now, under the aliases of its birth. */
  report(): void;
}

export function createEdgeNode(
  profile: Pick<DeviceProfile, 'points'>,
  name: string,
  values: TrueValues,
  { send, nowMs }: Sender<string>,
): EdgeNode {
  const points = profile.points.filter(point => point.metric !== undefined);
  let seq = 0;
  const next = () => {
    seq = (seq + 1) % 256;
    return seq;
  };
  const topic = (type: string) => `spBv1.0/${GROUP}/${type}/${nodeOf(name)}`;
  const metrics = (asBirth: boolean): Metric[] =>
    points.flatMap((point, alias) => {
      const value = rawOf(point, values(point.key));
      if (value === undefined) return [];
      return [{ ...(asBirth && { name: point.metric! }), alias, value }];
    });
  return {
    born() {
      seq = 0;
      send(topic('NBIRTH'), sparkplugPayload({ timeMs: nowMs(), seq, metrics: [], bdSeq: SESSION }));
      const birth = { timeMs: nowMs(), seq: next(), metrics: metrics(true) };
      send(`${topic('DBIRTH')}/${name}`, sparkplugPayload(birth));
    },
    report() {
      const data = { timeMs: nowMs(), seq: next(), metrics: metrics(false) };
      send(`${topic('DDATA')}/${name}`, sparkplugPayload(data));
    },
  };
}
