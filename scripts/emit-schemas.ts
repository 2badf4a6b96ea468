import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { editorSchema } from '../src/config/editor-schema.ts';
import { DeviceProfile } from '../src/config/profile-schema.ts';
import { SiteFile } from '../src/config/site-schema.ts';
import { packageRoot } from '../src/shared/package-root.ts';

// Run by `npm run generate`. tests/config/editor-schema.test.ts fails when the files are stale.
writeFileSync(join(packageRoot(), 'edge-config/site.schema.json'), editorSchema(SiteFile));
writeFileSync(join(packageRoot(), 'devices/profile.schema.json'), editorSchema(DeviceProfile));
