/** The message types that edge nodes send. Commands and the state of hosts are not for us. */
const TYPES = ['NBIRTH', 'NDEATH', 'NDATA', 'DBIRTH', 'DDEATH', 'DDATA'] as const;

/** `spBv1.0/{group}/{type}/{node}` or `.../{device}`, Sparkplug 3.0.0 section 4. */
export interface SparkplugTopic {
  readonly group: string;
  readonly type: (typeof TYPES)[number];
  readonly node: string;
  /** Null in messages of the edge node itself. */
  readonly device: string | null;
}

export const NAMESPACE = 'spBv1.0/';

export function parseSparkplugTopic(topic: string): SparkplugTopic | null {
  const [namespace, group, typeText, node, device, ...more] = topic.split('/');
  const type = TYPES.find(each => each === typeText);
  if (namespace !== 'spBv1.0' || !group || !type || !node || more.length > 0) return null;
  const ofDevice = type.startsWith('D');
  if (ofDevice !== (device !== undefined) || device === '') return null;
  return { group, type, node, device: device ?? null };
}
