import { randomBytes } from 'node:crypto';
import { rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '../shared/limits.ts';

/**
 * Disk space kept in reserve. On a full disk SQLite can neither delete nor checkpoint, so a file of
 * `limits.ballastBytes` is given up at that moment and taken back when there is room again.
 */
export interface Ballast {
  /** Makes sure that the reserve is there; false when the disk has no room for it. */
  hold(): boolean;
  /** Gives the reserve up; false when there was none. */
  release(): boolean;
}

export function createBallast(folder: string): Ballast {
  const file = join(folder, 'ballast');
  let held = statSync(file, { throwIfNoEntry: false })?.size === limits.ballastBytes;
  const hasRoom = () => {
    const disk = statfsSync(folder);
    return disk.bavail * disk.bsize >= 2 * limits.ballastBytes;
  };
  return {
    hold() {
      if (held) return true;
      try {
        if (!hasRoom()) return false;
        // Random, because zeros take no room on a file system that compresses.
        writeFileSync(file, randomBytes(limits.ballastBytes));
        held = true;
      } catch {
        rmSync(file, { force: true });
      }
      return held;
    },
    release() {
      const had = held;
      rmSync(file, { force: true });
      held = false;
      return had;
    },
  };
}
