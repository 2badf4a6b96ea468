import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { createGateway } from '../gateway.ts';
import { limits } from '../shared/limits.ts';
import { packageRoot, packageVersion } from '../shared/package-root.ts';
import type { Environment, Running } from './environment.ts';
import { loadSiteOrExplain } from './load-site-or-explain.ts';

interface RunOptions {
  readonly data: string | null;
  readonly http: number | null;
  readonly mqtt: number | null;
}

/** Starts the gateway of one site and prints where to look. Throws one clear sentence when it cannot start. */
export async function runGateway(
  siteFolder: string,
  options: RunOptions,
  env: Environment,
): Promise<Running> {
  const loaded = loadSiteOrExplain(siteFolder);
  const site = {
    ...loaded,
    listen: { ...loaded.listen, http: options.http ?? loaded.listen.http },
    mqtt: { ...loaded.mqtt, port: options.mqtt ?? loaded.mqtt.port },
  };
  const dashboard = join(packageRoot(), 'dist', 'dashboard');
  const gateway = createGateway({
    site,
    dataFolder: dataFolderOf(siteFolder, options.data),
    profilesFolder: join(packageRoot(), 'devices'),
    dashboardFolder: existsSync(dashboard) ? dashboard : null,
    version: packageVersion(),
    clock: env.clock,
    log: env.log,
    random: env.random,
  });
  await gateway.start();
  const { http, mqtt } = gateway.ports();
  env.print(
    `${site.store.name} (GLN ${site.store.gln}): ${site.devices.size} devices, ${site.facings.size} facings`,
  );
  env.print(
    `dashboard http://${site.listen.host}:${http}${existsSync(dashboard) ? '' : ' (API only: run "npm run build:dashboard")'}`,
  );
  env.print(mqtt === null ? `MQTT at ${site.mqtt.url}` : `MQTT mqtt://${site.listen.host}:${mqtt}`);
  const { opcua } = site.listen;
  if (opcua) env.print(`OPC UA opc.tcp://${site.listen.host}:${opcua.port} in a moment`);
  return { stop: () => gateway.stop(limits.stopMs) };
}

/** Where the state of a site's gateway lives, unless somebody says otherwise. */
export const dataFolderOf = (siteFolder: string, data: string | null = null): string =>
  resolve(data ?? join('data', basename(resolve(siteFolder))));
