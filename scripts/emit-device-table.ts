import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withDeviceTable } from '../src/cli/device-table.ts';
import { loadProfiles } from '../src/config/load-profiles.ts';
import { packageRoot } from '../src/shared/package-root.ts';

// Run by `npm run generate`. tests/devices/guide.test.ts fails when the table is stale.
const folder = join(packageRoot(), 'devices');
const guide = join(folder, 'README.md');
writeFileSync(guide, withDeviceTable(readFileSync(guide, 'utf8'), loadProfiles(folder)));
