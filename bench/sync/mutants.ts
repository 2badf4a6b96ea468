import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Mutant } from './mutant.ts';
import { PARTITION_MUTANTS } from './partition-mutants.ts';

/**
 * Whether the random histories would notice: breaks the protocol in one place after another, in a copy of the code, and counts how
 * many histories it takes until a law is broken. `node bench/sync/mutants.ts [histories at most]`, or `node bench/sync/mutants.ts
 * <cuts at most> partitions` for what both sides promise across a cut link.
 */
const HISTORY_MUTANTS: readonly Mutant[] = [
  {
    what: 'the hub takes a batch behind a gap',
    file: 'src/hub/judge.ts',
    from: 'if (Number(firstSeq) > heldSeq + 1)',
    to: 'if (Number(firstSeq) > heldSeq + 2)',
  },
  {
    what: 'the hub folds an event again that it holds',
    file: 'src/hub/judge.ts',
    from: 'else if (first <= heldSeq) again.push(event)',
    to: 'else if (first < heldSeq) again.push(event)',
  },
  {
    what: 'an unfit event holds no number',
    file: 'src/hub/judge.ts',
    from: 'skipped += 1;',
    to: 'skipped += 0;',
  },
  {
    what: 'the store takes an acknowledgement one further than it was',
    file: 'src/cloud/event-sender.ts',
    from: 'outbox.acknowledge(through)',
    to: 'outbox.acknowledge(through + 1)',
  },
  {
    what: 'a gap goes back one too few',
    file: 'src/cloud/send-window.ts',
    from: 'return resumeAt(expectedSeq - 1)',
    to: 'return resumeAt(expectedSeq)',
  },
  {
    what: 'an older copy of the database keeps its epoch',
    file: 'src/cloud/event-sender.ts',
    from: 'if (!knows(outbox, welcome)) return options.onOtherLog();',
    to: '',
  },
  {
    what: 'what was sent may still be given up',
    file: 'src/store/outbox.ts',
    from: 'sentSeq: Math.max(sentSeq(), ackedSeq())',
    to: 'sentSeq: ackedSeq()',
  },
  {
    what: 'after a crash the disk knows too little of what was sent',
    file: 'src/store/sent-mark.ts',
    from: 'isNoted ||= save(OPEN);',
    to: 'isNoted = true;',
  },
  {
    what: 'nobody hears again of what was put aside',
    file: 'src/cloud/event-sender.ts',
    from: 'putAside(notKept(outbox, welcome));',
    to: '',
  },
  {
    what: 'a sum leaves a minute out',
    file: 'src/store/coalesce.ts',
    from: 'in: sum(facts.map(fact => fact.in))',
    to: 'in: sum(facts.slice(1).map(fact => fact.in))',
  },
  {
    what: 'a run of discarded events is one number long',
    file: 'src/cloud/event-identity.ts',
    from: 'Math.max(1, Number(body.value.count))',
    to: '1',
  },
  {
    what: 'what is lost is said to be put together',
    file: 'src/store/discards.ts',
    from: 'coalesced: into_seq === null ? 0 : discarded',
    to: 'coalesced: discarded',
  },
];

const most = Number(process.argv[2] ?? 3_000);
const program = process.argv[3] === 'partitions' ? 'partitions' : 'histories';
const MUTANTS = program === 'partitions' ? PARTITION_MUTANTS : HISTORY_MUTANTS;
const folder = mkdtempSync(join(tmpdir(), 'aisle-mutants-'));
for (const part of ['src', 'tests', 'bench', 'package.json'])
  cpSync(part, join(folder, part), { recursive: true });
symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));

/** Histories until one broke a law, null when none did; a program that cannot go on at all broke it at once. */
async function caughtAfter({ file, from, to }: Mutant): Promise<number | null> {
  const path = join(folder, file);
  const whole = readFileSync(path, 'utf8');
  if (whole.split(from).length !== 2) throw new Error(`${file} does not hold once: ${from}`);
  writeFileSync(path, whole.replace(from, to));
  const child = spawn(process.execPath, [`bench/sync/${program}.ts`, String(most), '1000'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let found: number | null = null;
  for await (const line of createInterface({ input: child.stdout })) {
    const seed = /^seed (\d+):/.exec(line)?.[1];
    if (seed === undefined || found !== null) continue;
    found = Number(seed) - 1_000 + 1;
    child.kill('SIGKILL');
  }
  writeFileSync(path, whole);
  return found;
}

let escaped = 0;
try {
  for (const mutant of MUTANTS) {
    const histories = await caughtAfter(mutant);
    if (histories === null) escaped += 1;
    console.log(`${histories === null ? 'NOT CAUGHT' : `caught in history ${histories}`}: ${mutant.what}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(JSON.stringify({ bench: 'sync-mutants', program, mutants: MUTANTS.length, escaped, most }));
process.exitCode = escaped === 0 ? 0 : 1;
