import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isNode, isSeq, parseDocument, stringify } from 'yaml';
import type { Adopted, Adoption } from '../readings/discovery.ts';
import { fail, ok, type Result } from '../shared/result.ts';
import { loadSite } from './load-site.ts';
import { formatProblem } from './problems.ts';

const FILE = 'site.yaml';

/**
 * Adds one device to a site's `site.yaml` and keeps every comment and line of it. The whole site is checked with the
 * new entry before anything is written; then the file is replaced in one step, and read once more. A site that is
 * broken already, an entry that does not fit, or a file that another hand changed meanwhile leaves everything as it was.
 */
export function adoptDevice(siteFolder: string, profilesFolder: string, wanted: Adoption): Result<Adopted> {
  const file = join(siteFolder, FILE);
  const before = loadSite(siteFolder, profilesFolder);
  if (!before.site)
    return fail('conflict', `the site has mistakes already; mend them first: ${first(before)}`);
  const text = readFileSync(file, 'utf8');
  const draft = withDevice(text, wanted);
  // In a folder beside it, so that the checks see the other files of the site and the rename stays on one disk.
  const folder = mkdtempSync(join(dirname(file), '.adopt-'));
  try {
    const candidate = join(folder, FILE);
    writeFileSync(candidate, draft, { mode: statSync(file).mode });
    for (const name of ['items.csv', 'planogram.csv']) {
      writeFileSync(join(folder, name), readFileSync(join(siteFolder, name)));
    }
    const checked = loadSite(folder, profilesFolder);
    if (!checked.site) return fail('invalid', first(checked));
    if (readFileSync(file, 'utf8') !== text) {
      return fail(
        'conflict',
        `${FILE} was changed by somebody else meanwhile; look at it and adopt again`,
        true,
      );
    }
    renameSync(candidate, file);
    if (!loadSite(siteFolder, profilesFolder).site) {
      writeFileSync(file, text);
      return fail('conflict', `${FILE} did not hold together with the new device; it is as it was before`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const next = `restart the gateway of ${basename(siteFolder)}; until then it runs as before`;
  return ok({ id: wanted.id, file, next });
}

function first({ problems }: ReturnType<typeof loadSite>): string {
  const [problem] = problems;
  if (!problem) return 'the site cannot be read';
  const more = problems.length === 1 ? '' : `, and ${problems.length - 1} more`;
  return `${formatProblem({ ...problem, file: basename(problem.file) })}${more}`;
}

/** The text with one more entry at the end of `devices`; all other lines stay as they are. */
function withDevice(text: string, adoption: Adoption): string {
  const devices = parseDocument(text).get('devices', true);
  if (!isSeq(devices)) return `${text.replace(/\n*$/, '\n')}devices:\n${entry(adoption, '  ')}\n`;
  const last = devices.items.at(-1);
  const end = isNode(last) ? last.range?.[1] : undefined;
  if (devices.flow || end === undefined) return withFlowDevice(text, adoption);
  const [start = 0] = devices.range ?? [];
  const indent = text.slice(text.lastIndexOf('\n', start) + 1, start);
  // Behind the last value and what comment stands on its line.
  const valueEnd = text.slice(0, end).trimEnd().length;
  const lineEnd = text.indexOf('\n', valueEnd);
  const at = lineEnd < 0 ? text.length : lineEnd;
  return `${text.slice(0, at)}\n${entry(adoption, indent)}${text.slice(at)}`;
}

/** A list in brackets becomes one of lines, which may move comments that stand in it. */
function withFlowDevice(text: string, { id, profile, address, bind }: Adoption): string {
  const document = parseDocument(text);
  const devices = document.get('devices');
  if (isSeq(devices)) {
    devices.flow = false;
    devices.add(document.createNode({ id, profile, ...(address && { address }), bind }));
  }
  return document.toString({ lineWidth: 0 });
}

function entry({ id, profile, address, bind }: Adoption, indent: string): string {
  const flow = (value: object) => stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
  return [
    `- id: ${stringify(id).trim()}`,
    `  profile: ${stringify(profile).trim()}`,
    ...(address ? [`  address: ${flow(address)}`] : []),
    ...(Object.keys(bind).length > 0 ? [`  bind: ${flow(bind)}`] : []),
  ]
    .map(line => indent + line)
    .join('\n');
}
