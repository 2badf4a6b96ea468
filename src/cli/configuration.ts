import type { ConfigurationView } from '../store/views.ts';
import { askGateway, tellGateway } from './ask-gateway.ts';
import type { Environment } from './environment.ts';

export interface ConfigurationOptions {
  /** Address of the running gateway, or its port on this machine. */
  readonly http: string;
  /** Puts the policies of the store's own files in force first. */
  readonly useFiles: boolean;
  readonly json: boolean;
}

/** Prints what a running gateway is configured with, and where that differs from its site's files. */
export async function showConfiguration(
  { http, useFiles, json }: ConfigurationOptions,
  { clock, print }: Pick<Environment, 'clock' | 'print'>,
): Promise<void> {
  if (useFiles) await tellGateway(http, '/configuration/use-files', { key: `use-files-${clock.nowMs()}` });
  const view = await askGateway<ConfigurationView>(http, '/configuration');
  if (json) print(JSON.stringify(view));
  else for (const line of report(view)) print(line);
}

const time = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

function report(view: ConfigurationView): string[] {
  const { source, version, sinceMs, watchedUntilMs, wentBack, differences, hash, priceList } = view;
  const since = sinceMs === null ? '' : ` since ${time(sinceMs)}`;
  const whose = source === 'files' ? "the store's own files" : `version ${version} of the cloud`;
  return [
    `policies: ${whose}${since}`,
    ...(watchedUntilMs === null ? [] : [`  watched until ${time(watchedUntilMs)}, then kept`]),
    ...(wentBack ? [`  went back from version ${wentBack.fromVersion}: ${wentBack.reason}`] : []),
    ...differences.map(({ path, files, inForce }) => `  ${path}: ${inForce} (site.yaml: ${files})`),
    `price list: ${priceList ?? 'none of the cloud'}`,
    `hash: ${hash}`,
  ];
}
