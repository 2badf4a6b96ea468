import { status } from '@grpc/grpc-js';
import type { PriceChange, StartRolloutRequest } from '../../cloud/gen/aisle/fleet/v1/fleet_pb.ts';
import { parseGln, parseGtin } from '../../shared/gtin.ts';
import type { Sql } from '../database.ts';
import { rpcError } from '../rpc-error.ts';

const LONGEST_ID = 100;
const LONGEST_POLICIES = 256 * 1024;
const MOST_PRICES = 20_000;
const LONGEST_SOAK_S = 30 * 86_400;
const SHORTEST_SOAK_S = 10;

/** What is wrong with a request, with its value and the mend; null when nothing is. Whether the policies make sense is for the stores to say. */
export function problemOf({ rolloutId, change, storeGlns, soakSeconds }: StartRolloutRequest): string | null {
  if (rolloutId.length < 1 || rolloutId.length > LONGEST_ID || rolloutId.includes('\0')) {
    return `rollout_id must have 1 to ${LONGEST_ID} characters`;
  }
  const wrong = storeGlns.find(gln => !parseGln(gln));
  if (wrong !== undefined) return `store_glns has "${wrong}"; write the 13 digits of a GLN`;
  if (soakSeconds !== 0 && (soakSeconds < SHORTEST_SOAK_S || soakSeconds > LONGEST_SOAK_S)) {
    return `soak_seconds is ${soakSeconds}; write ${SHORTEST_SOAK_S} to ${LONGEST_SOAK_S}, or 0 for a day`;
  }
  if (change.case === 'policiesJson') return policiesProblem(change.value);
  return change.case === 'prices' ? pricesProblem(change.value) : 'give policies_json or prices';
}

function policiesProblem(json: string): string | null {
  if (json.length > LONGEST_POLICIES) return `policies_json has more than ${LONGEST_POLICIES} characters`;
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return null;
  } catch {
    // Said below.
  }
  return 'policies_json is no JSON object; write the policies section of a site file as JSON';
}

function pricesProblem({ listVersion, prices }: PriceChange): string | null {
  if (listVersion.length < 1 || listVersion.length > LONGEST_ID || listVersion.includes('\0')) {
    return `prices.list_version must have 1 to ${LONGEST_ID} characters`;
  }
  if (prices.length < 1 || prices.length > MOST_PRICES) {
    return `prices has ${prices.length} items; write 1 to ${MOST_PRICES}`;
  }
  const wrong = prices.find(({ gtin }) => parseGtin(gtin) !== gtin);
  if (wrong) return `prices has gtin "${wrong.gtin}"; write its 14 digits`;
  const negative = prices.find(({ priceMinor }) => priceMinor < 0n);
  if (negative) return `price_minor of ${negative.gtin} is ${negative.priceMinor}; write 0 or more`;
  const twice = prices.length - new Set(prices.map(({ gtin }) => gtin)).size;
  return twice === 0 ? null : `prices has ${twice} items twice; write each once`;
}

/** The stores that a rollout is for: those that it names, or all that the hub knows. Rejects with an RpcError. */
export async function readStart(sql: Sql, { storeGlns }: StartRolloutRequest): Promise<readonly string[]> {
  const named = [...new Set(storeGlns)];
  const rows = await sql.query<{ store: string }>(
    'SELECT store FROM store WHERE $1::text[] = ARRAY[]::text[] OR store = ANY($1::text[]) ORDER BY store',
    [named],
  );
  const stores = rows.map(({ store }) => store);
  const unknown = named.find(store => !stores.includes(store));
  if (unknown) throw rpcError(status.NOT_FOUND, `store ${unknown} never connected to this hub`);
  if (stores.length === 0) throw rpcError(status.FAILED_PRECONDITION, 'no store ever connected to this hub');
  return stores;
}
