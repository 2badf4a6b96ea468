import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';

export interface DemoSite {
  /** A temporary folder that holds the site and everything that a test writes. */
  readonly folder: string;
  readonly site: string;
  readonly ports: { http: number; mqtt: number; hub: number; modbus: number; opcua: number; console: number };
  readonly api: string;
  remove(): void;
}

/** A copy of edge-config/demo on free ports, so that tests never meet each other or a running demo. */
export async function demoSite(edit: (yaml: string) => string = yaml => yaml): Promise<DemoSite> {
  const [http, mqtt, hub, modbus, opcua, console] = (await freePorts(6)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const folder = mkdtempSync(join(tmpdir(), 'aisle-test-'));
  const site = join(folder, 'demo');
  cpSync('edge-config/demo', site, { recursive: true });
  const file = join(site, 'site.yaml');
  const yaml = readFileSync(file, 'utf8')
    .replaceAll(/\b8080\b/g, String(http))
    .replaceAll(/\b1883\b/g, String(mqtt))
    .replaceAll(/\b50051\b/g, String(hub))
    .replaceAll(/\b5020\b/g, String(modbus))
    .replaceAll(/\b4840\b/g, String(opcua));
  writeFileSync(file, edit(yaml));
  return {
    folder,
    site,
    ports: { http, mqtt, hub, modbus, opcua, console },
    api: `http://127.0.0.1:${http}/api/v1`,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
