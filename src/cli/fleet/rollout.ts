import { readFileSync } from 'node:fs';
import type { DescMessage, DescMethod, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import {
  FleetService,
  type Rollout,
  RolloutState,
  type StartRolloutRequestSchema,
} from '../../cloud/gen/aisle/fleet/v1/fleet_pb.ts';
import { callOnce } from '../../cloud/unary-call.ts';
import { readCsvFile } from '../../config/csv-file.ts';
import { readPolicies } from '../../config/policies.ts';
import { parseGtin } from '../../shared/gtin.ts';
import type { Environment } from '../environment.ts';

export interface HubAccess {
  /** host:port of the hub. */
  readonly cloud: string;
  /** An operator's certificate, whose key stands beside it with the ending .key; null for a hub without certificates. */
  readonly certificate: string | null;
  /** The authority's root.pem. */
  readonly trust: string | null;
  readonly json: boolean;
}

export interface NewRollout {
  readonly id: string;
  /** File of the policies as JSON; or null, and prices. */
  readonly policies: string | null;
  /** File with the columns gtin and priceMinor. */
  readonly prices: string | null;
  /** Name of the price list; null takes the rollout's. */
  readonly list: string | null;
  readonly stores: readonly string[];
  readonly soakSeconds: number;
}

type Tools = Pick<Environment, 'clock' | 'print'>;

const CALL_MS = 15_000;

export async function startRollout(access: HubAccess, rollout: NewRollout, tools: Tools): Promise<void> {
  const { id: rolloutId, stores, soakSeconds } = rollout;
  const request = { rolloutId, storeGlns: [...stores], soakSeconds, change: changeOf(rollout) };
  const { rollout: begun } = await ask(access, FleetService.method.startRollout, request, tools);
  show(access, begun, tools);
}

export async function showRollout(access: HubAccess, rolloutId: string, tools: Tools): Promise<void> {
  const { rollout } = await ask(access, FleetService.method.getRollout, { rolloutId }, tools);
  show(access, rollout, tools);
}

export async function haltRollout(
  access: HubAccess,
  rolloutId: string,
  reason: string,
  tools: Tools,
): Promise<void> {
  const { rollout } = await ask(access, FleetService.method.haltRollout, { rolloutId, reason }, tools);
  show(access, rollout, tools);
}

export async function listRollouts(access: HubAccess, tools: Tools): Promise<void> {
  const method = FleetService.method.listRollouts;
  let pageToken = '';
  do {
    const page = await ask(access, method, { pageSize: 100, pageToken }, tools);
    for (const rollout of page.rollouts) show(access, rollout, tools);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
}

export async function listDrift(access: HubAccess, tools: Tools): Promise<void> {
  let pageToken = '';
  let count = 0;
  do {
    const page = await ask(access, FleetService.method.listDrift, { pageSize: 1000, pageToken }, tools);
    for (const { storeGln, wantedVersion, version, sinceTime, ...hashes } of page.drifts) {
      const since = sinceTime ? timestampDate(sinceTime).toISOString() : '';
      const row = { storeGln, wantedVersion: Number(wantedVersion), version: Number(version), since };
      const what =
        wantedVersion === version
          ? `has version ${version}, but not as it was confirmed: its own files were changed`
          : `has version ${version} and should have ${wantedVersion}`;
      const { wantedHash, effectiveHash } = hashes;
      tools.print(
        access.json
          ? JSON.stringify({ ...row, wantedHash, effectiveHash })
          : `${storeGln} ${what}, since ${since}`,
      );
    }
    count += page.drifts.length;
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  if (count === 0 && !access.json)
    tools.print('every store that was reached by a rollout has what it should have');
}

type Change = MessageInitShape<typeof StartRolloutRequestSchema>['change'];

/** Checked here too, so that a mistake is found before it leaves this machine. */
function changeOf({ id, policies, prices, list }: NewRollout): NonNullable<Change> {
  if (policies !== null) {
    const value = readFileSync(policies, 'utf8');
    const checked = readPolicies(value);
    if (!checked.ok) throw new Error(`${policies}: ${checked.error.message}`);
    return { case: 'policiesJson', value };
  }
  if (prices === null) throw new Error('give --policies <file> or --prices <file>');
  return { case: 'prices', value: { listVersion: list ?? id, prices: readPrices(prices) } };
}

function readPrices(file: string): { gtin: string; priceMinor: bigint }[] {
  const { rows, problems } = readCsvFile(file, ['gtin', 'priceMinor']);
  const [problem] = problems;
  if (problem) throw new Error(`${file}:${problem.line}:${problem.column}: ${problem.what}; ${problem.mend}`);
  return rows.map(({ gtin, priceMinor }) => {
    const item = parseGtin(gtin.text);
    const at = `${file}:${gtin.line}`;
    if (!item) throw new Error(`${at}: "${gtin.text}" is no GTIN; write the digits under the bar code`);
    if (!/^\d{1,9}$/.test(priceMinor.text)) {
      throw new Error(`${at}: priceMinor is "${priceMinor.text}"; write the price in cents`);
    }
    return { gtin: item, priceMinor: BigInt(priceMinor.text) };
  });
}

function ask<I extends DescMessage, O extends DescMessage>(
  access: HubAccess,
  method: DescMethod & { readonly input: I; readonly output: O },
  request: MessageInitShape<I>,
  { clock }: Tools,
): Promise<MessageShape<O>> {
  const line = { address: access.cloud, channel: channelOf(access), deadlineMs: clock.nowMs() + CALL_MS };
  return callOnce(line, method, request);
}

function channelOf({ certificate, trust }: HubAccess): ChannelCredentials {
  if (certificate === null) return credentials.createInsecure();
  if (trust === null) throw new Error("give --trust <root.pem>, the authority's certificate");
  const [root, key, chain] = [trust, certificate.replace(/\.pem$/, '.key'), certificate].map(file =>
    readFileSync(file),
  );
  return credentials.createSsl(root!, key!, chain!);
}

const STATES: Readonly<Record<RolloutState, string>> = {
  [RolloutState.UNSPECIFIED]: 'unknown',
  [RolloutState.RUNNING]: 'running',
  [RolloutState.COMPLETED]: 'completed',
  [RolloutState.ROLLING_BACK]: 'rolling back',
  [RolloutState.ROLLED_BACK]: 'rolled back',
};

function show({ json }: HubAccess, rollout: Rollout | undefined, { print }: Tools): void {
  if (!rollout) return;
  const { rolloutId, stagePercent, stores, confirmed, failed, reason } = rollout;
  const state = STATES[rollout.state];
  const started = rollout.startedTime ? timestampDate(rollout.startedTime).toISOString() : '';
  const figures = { rolloutId, state, stagePercent, stores, confirmed, failed, reason, started };
  const where = `${state} at ${stagePercent} % of ${stores} stores`;
  print(json ? JSON.stringify(figures) : `${rolloutId}: ${where}, ${confirmed} confirmed, ${failed} failed`);
  if (!json && reason) print(`  ${reason}`);
}
