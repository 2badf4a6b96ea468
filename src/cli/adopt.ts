import { join, relative } from 'node:path';
import { adoptDevice } from '../config/adopt.ts';
import type { Adoption } from '../readings/discovery.ts';
import { packageRoot } from '../shared/package-root.ts';

export interface AdoptOptions {
  readonly id: string;
  readonly profile: string;
  /** `host=10.0.0.9,port=502,unit=3`; null for the profile's default. */
  readonly address: string | null;
  /** `unit=Case 9,temperatureClass=chilled`. */
  readonly bind: string | null;
  readonly json: boolean;
  readonly print: (line: string) => void;
}

/** Adds a device to a site's `site.yaml`. Returns the exit code; 1 when nothing was changed. */
export function adopt(site: string, { id, profile, address, bind, json, print }: AdoptOptions): 0 | 1 {
  const bindings = Object.entries(pairs(bind ?? '', '--bind')).map(([key, value]) => [key, String(value)]);
  const wanted: Adoption = {
    id,
    profile,
    address: address === null ? null : pairs(address, '--address'),
    bind: Object.fromEntries(bindings),
  };
  const done = adoptDevice(site, join(packageRoot(), 'devices'), wanted);
  if (json) print(JSON.stringify(done.ok ? { adopted: done.value } : { error: done.error }));
  else if (done.ok)
    print(`${id} stands in ${relative(process.cwd(), done.value.file)} now; ${done.value.next}`);
  else print(`nothing was changed: ${done.error.message}`);
  return done.ok ? 0 : 1;
}

/** `key=value` pairs, separated by commas; whole numbers become numbers. Throws a sentence for what is none. */
export function pairs(text: string, flag: string): Record<string, string | number> {
  const parts = text.split(',').map(part => part.trim());
  return Object.fromEntries(
    parts
      .filter(part => part !== '')
      .map(part => {
        const [, key, value] = /^([A-Za-z]+)=(.+)$/.exec(part) ?? [];
        if (key === undefined || value === undefined) {
          throw new Error(`${flag} "${part}": write key=value, separated by commas`);
        }
        return [key, /^\d+$/.test(value) ? Number(value) : value];
      }),
  );
}
