import { limits } from '../../shared/limits.ts';
import { type Decoded, decoded, reject } from '../decoders/rejection.ts';
import type { RawRead } from '../point-set.ts';
import type { SparkplugMetric, SparkplugPayload } from './sparkplug-payload.ts';
import type { SparkplugTopic } from './sparkplug-topic.ts';

/** One value of a message, by the name that the birth gave it. */
export interface NamedValue {
  readonly name: string;
  readonly raw: RawRead;
  /** Unix ms. */
  readonly timeMs: number | null;
  readonly historical: boolean;
}

/** What a message of an edge node means. `device` null: the node itself. */
export interface NodeNews {
  readonly device: string | null;
  readonly values: readonly NamedValue[];
  /** Who was born or died with this message; null is the node itself. */
  readonly born: readonly (string | null)[];
  readonly died: readonly (string | null)[];
  /** Something was missed: the node must tell everything anew. */
  readonly lost: boolean;
}

export interface EdgeNode {
  take(topic: SparkplugTopic, payload: SparkplugPayload): Decoded<NodeNews>;
}

interface Definition {
  readonly name: string;
  readonly datatype: number | null;
}

/** Names and aliases that one birth told. */
interface Birth {
  readonly byName: Map<string, Definition>;
  readonly byAlias: Map<bigint, Definition>;
}

const NODE = null;
const BD_SEQ = 'bdSeq';

const news = (device: string | null, more: Partial<NodeNews> = {}): Decoded<NodeNews> =>
  decoded({ device, values: [], born: [], died: [], lost: false, ...more });

/**
 * The session of one edge node, from its birth to its death: aliases, data types and the sequence of its messages
 * (Sparkplug 3.0.0 section 6.4.6). Values without a birth cannot be named and are left out.
 */
export function createEdgeNode(): EdgeNode {
  /** By device; null is the node itself. Empty before the first birth. */
  const births = new Map<string | null, Birth>();
  let bdSeq: number | null = null;
  let lastSeq: number | null = null;

  const follows = ({ seq }: SparkplugPayload): boolean => {
    const expected = lastSeq === null ? null : (lastSeq + 1) % 256;
    lastSeq = seq;
    return seq !== null && seq === expected;
  };

  const bear = (device: string | null, payload: SparkplugPayload, lost: boolean): Decoded<NodeNews> => {
    if (!remember(births, device, payload)) {
      births.delete(device);
      return reject('range', `an edge node has at most ${limits.sparkplugMetrics} metrics`);
    }
    return news(device, { values: named(births.get(device), payload).values, born: [device], lost });
  };

  const data = (device: string | null, payload: SparkplugPayload): Decoded<NodeNews> => {
    const inOrder = follows(payload);
    const birth = births.get(device);
    const { values, unknown } = named(birth, payload);
    return news(device, { values, lost: !inOrder || birth === undefined || unknown });
  };

  const death = (payload: SparkplugPayload): Decoded<NodeNews> => {
    // The will of an earlier session, which the node has already replaced.
    if (births.size === 0 || bdSeqOf(payload) !== bdSeq) return news(NODE);
    const died = [...births.keys()];
    births.clear();
    lastSeq = null;
    return news(NODE, { died });
  };

  return {
    take({ type, device }, payload) {
      switch (type) {
        case 'NBIRTH':
          births.clear();
          bdSeq = bdSeqOf(payload);
          lastSeq = payload.seq;
          return bear(NODE, payload, payload.seq !== 0);
        case 'DBIRTH': {
          const inOrder = follows(payload);
          return bear(device, payload, !inOrder || !births.has(NODE));
        }
        case 'NDATA':
        case 'DDATA':
          return data(device, payload);
        case 'NDEATH':
          return death(payload);
        case 'DDEATH': {
          const lost = !follows(payload);
          return news(device, { died: births.delete(device) ? [device] : [], lost });
        }
      }
    },
  };
}

/** False: too many metrics to name. */
function remember(
  births: Map<string | null, Birth>,
  device: string | null,
  payload: SparkplugPayload,
): boolean {
  const birth: Birth = { byName: new Map(), byAlias: new Map() };
  births.set(device, birth);
  const known = [...births.values()].reduce((sum, { byName }) => sum + byName.size, 0);
  if (known + payload.metrics.length > limits.sparkplugMetrics) return false;
  for (const { name, alias, datatype } of payload.metrics) {
    if (name === null) continue;
    const definition = { name, datatype };
    birth.byName.set(name, definition);
    if (alias !== null) birth.byAlias.set(alias, definition);
  }
  return true;
}

function named(birth: Birth | undefined, { metrics, timeMs }: SparkplugPayload) {
  const values: NamedValue[] = [];
  let unknown = false;
  for (const metric of metrics) {
    const definition = birth && definitionOf(birth, metric);
    if (!definition) unknown = true;
    else {
      values.push({
        name: definition.name,
        raw: metric.as(metric.datatype ?? definition.datatype),
        timeMs: metric.timeMs ?? timeMs,
        historical: metric.historical,
      });
    }
  }
  return { values, unknown };
}

function definitionOf({ byName, byAlias }: Birth, { name, alias }: SparkplugMetric): Definition | undefined {
  if (name !== null) return byName.get(name);
  return alias === null ? undefined : byAlias.get(alias);
}

function bdSeqOf({ metrics }: SparkplugPayload): number | null {
  const metric = metrics.find(({ name }) => name === BD_SEQ);
  // Int64 by the standard; older nodes send UInt64.
  const value = metric?.as(metric.datatype ?? 8);
  return typeof value === 'number' ? value : null;
}
