import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DemoSite, demoSite } from '../../tests/support/demo-site.ts';

const THERMOMETERS = 30;
const DOORS = 6;

/** The demo store with more fridges and doors, none of which has to be dialled: they would send, and nobody plays them here. */
export async function outageSite(cloudPort?: number): Promise<DemoSite> {
  const thermometers = Array.from(
    { length: THERMOMETERS },
    (_, n) =>
      `  - { id: case-${n}, profile: milesight-em300-th, bind: { unit: Case ${n}, temperatureClass: ${n % 4 === 0 ? 'frozen' : 'chilled'} } }\n`,
  );
  const doors = Array.from(
    { length: DOORS },
    (_, n) => `  - { id: door-${n}, profile: milesight-vs121, bind: { door: Door ${n} } }\n`,
  );
  const demo = await demoSite(yaml => {
    const silent = yaml.replace(/ {2}- id: (?:walk-in|dairy-case|freezer-case)\n(?: {4}.*\n)+/g, '');
    const withCloud =
      cloudPort === undefined
        ? silent
        : silent.replace(/(cloud:\s+address: 127\.0\.0\.1:)\d+/, `$1${cloudPort}`);
    return `${withCloud.trimEnd()}\n${[...thermometers, ...doors].join('')}`;
  });
  withoutPlates(join(demo.site, 'planogram.csv'));
  return demo;
}

/** What tills sell comes from the shelf itself: no weights are played here. */
function withoutPlates(file: string): void {
  const lines = readFileSync(file, 'utf8').split('\n');
  writeFileSync(file, lines.map(line => line.replace(/shelf-[a-c]\d:\d( shelf-[a-c]\d:\d)*/, '')).join('\n'));
}
