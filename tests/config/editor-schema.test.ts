import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { editorSchema } from '../../src/config/editor-schema.ts';
import { DeviceProfile } from '../../src/config/profile-schema.ts';
import { SiteFile } from '../../src/config/site-schema.ts';
import { packageRoot } from '../../src/shared/package-root.ts';

describe('the JSON Schemas for editors', () => {
  it.each([
    ['edge-config/site.schema.json', editorSchema(SiteFile)],
    ['devices/profile.schema.json', editorSchema(DeviceProfile)],
  ])('%s is what `npm run generate` writes', (path, fresh) => {
    expect(readFileSync(join(packageRoot(), path), 'utf8')).toBe(fresh);
  });

  it('do not demand what has a default', () => {
    expect(JSON.parse(editorSchema(SiteFile)).required).toEqual(['schema', 'store']);
  });
});
