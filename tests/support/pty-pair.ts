import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProgram } from './program.ts';
import { waitFor } from './wait-for.ts';

/** Two pseudo-terminals that are the two ends of one serial line. Needs Debian's socat. */
export interface PtyPair {
  readonly near: string;
  readonly far: string;
  remove(): Promise<void>;
}

export async function ptyPair(): Promise<PtyPair> {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-line-'));
  const [near, far] = [join(folder, 'near'), join(folder, 'far')];
  const socat = startProgram('socat', [`pty,raw,echo=0,link=${near}`, `pty,raw,echo=0,link=${far}`]);
  await waitFor('the pseudo-terminals', () => existsSync(near) && existsSync(far));
  return {
    near,
    far,
    async remove() {
      await socat.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
