import type { ConnectPacket } from 'aedes';
import { limits } from '../../shared/limits.ts';

/** MQTT forbids U+0000 in every text [MQTT-1.5.3-2]; U+FFFD is what invalid UTF-8 was decoded to [MQTT-1.5.3-1]. */
export const isMalformed = (text: string) => text.includes('\u0000') || text.includes('\ufffd');

const levelsOf = (topic: string) => topic.split('/').length;

/** Whether a CONNECT breaks the protocol, so that the connection must end without an answer. */
export function malformedConnect({ clientId, will }: Pick<ConnectPacket, 'clientId' | 'will'>): boolean {
  if (isMalformed(clientId)) return true;
  return will !== undefined && (will.topic === '' || isMalformed(will.topic));
}

/** An empty client id has no session to come back to [MQTT-3.1.3-8]. */
export const lacksIdentity = ({ clientId, clean }: Pick<ConnectPacket, 'clientId' | 'clean'>) =>
  !clientId && !clean;

/** Whether a client may publish there. What only the gateway says, nobody else says. */
export function mayPublish(topic: string): boolean {
  if (topic.startsWith('$') || levelsOf(topic) > limits.mqttTopicLevels) return false;
  return !/^(aisle\/v1\/(store(\/|$)|[^/]+\/command(\/|$))|spBv1\.0\/STATE\/aisle-)/.test(topic);
}

/** Whether a client may subscribe. aedes would grant `$share/` and never deliver. */
export function maySubscribe(filter: string): boolean {
  if (filter === '' || isMalformed(filter) || filter.startsWith('$share/')) return false;
  return levelsOf(filter) <= limits.mqttTopicLevels;
}
