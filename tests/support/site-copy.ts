import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';

export interface SiteCopy {
  readonly folder: string;
  readonly site: string;
  /** The free port that stands for one of the shipped site's. */
  port(shipped: number): number;
  remove(): void;
}

/** A copy of a shipped site on free ports, so that tests never meet each other or a running gateway. */
export async function siteCopy(name: string, shippedPorts: readonly number[]): Promise<SiteCopy> {
  const free = await freePorts(shippedPorts.length);
  const ports = new Map(shippedPorts.map((port, i) => [port, free[i]!] as const));
  const folder = mkdtempSync(join(tmpdir(), 'aisle-test-'));
  const site = join(folder, name);
  cpSync(join('edge-config', name), site, { recursive: true });
  const file = join(site, 'site.yaml');
  const yaml = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    yaml.replaceAll(/\b\d{4}\b/g, text => String(ports.get(Number(text)) ?? text)),
  );
  return {
    folder,
    site,
    port: shipped => ports.get(shipped)!,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
