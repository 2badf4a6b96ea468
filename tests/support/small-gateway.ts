import { join } from 'node:path';
import { expect } from 'vitest';
import { loadSite } from '../../src/config/load-site.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import type { Clock } from '../../src/shared/clock.ts';
import { silentLog } from '../../src/shared/log.ts';
import { packageRoot } from '../../src/shared/package-root.ts';

/** A gateway of the site that stands in `folder`, with its data beside it. */
export function smallGateway(folder: string, clock: Clock): Gateway {
  const profilesFolder = join(packageRoot(), 'devices');
  const { site, problems } = loadSite(folder, profilesFolder);
  expect(problems).toEqual([]);
  return createGateway({
    site: site!,
    profilesFolder,
    dataFolder: join(folder, 'data'),
    dashboardFolder: null,
    version: 'test',
    clock,
    log: silentLog,
    random: () => 0,
  });
}
