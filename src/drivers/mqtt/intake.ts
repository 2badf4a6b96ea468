import type { Client, PublishPacket } from 'aedes';
import type { Counters } from '../../shared/counters.ts';
import { isMalformed, mayPublish } from './broker-rules.ts';
import type { Lane } from './lane.ts';
import { oversizeOf } from './oversize.ts';
import type { MessageSink } from './transport.ts';

/** Takes what the clients of the embedded broker publish, each client in its own order. */
export interface Intake {
  authorizePublish(client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void;
  clientLeft(client: Client): void;
  /** From now on nothing is taken. Resolves when all that was taken is committed and acknowledged. */
  close(): Promise<void>;
  /** Gives up what cannot be committed. */
  abandon(): void;
}

/** Where messages go that others may not receive: acknowledged, and delivered to nobody. */
const DROPPED = '$dropped/message';

/** aedes acknowledges before it publishes, so the commit must happen while it asks whether a publish is allowed. */
export function createIntake(sink: MessageSink, counters: Counters): Intake {
  const lanes = new Map<Client, Lane>();
  let open = true;

  const laneOf = (client: Client): Lane => {
    const known = lanes.get(client);
    if (known) return known;
    const lane = sink.openLane();
    // A will comes from a client that is gone: it is handed in once, and nobody waits for it.
    if (client.closed) lane.close();
    else {
      lanes.set(client, lane);
      client.conn.once('close', () => {
        lanes.delete(client);
        lane.close();
      });
    }
    return lane;
  };

  return {
    authorizePublish(client, packet, done) {
      const { qos } = packet;
      // While the gateway stops, the wills of its clients would tell that every device went offline.
      if (!client || !open) return done(new Error('the gateway is stopping'));
      if (isMalformed(packet.topic)) return done(new Error('the topic is not valid UTF-8'));
      const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
      const oversize = oversizeOf(packet.topic, payload);
      const { topic } = oversize ?? packet;
      const allowed = mayPublish(topic);
      const forwarding = allowed && !oversize ? sink.forwarding(topic) : 'withheld';
      if (forwarding !== 'kept') packet.retain = false;
      // An error would close the connection, and the client would come back and send the same again.
      if (forwarding === 'withheld') Object.assign(packet, { topic: DROPPED, payload: Buffer.alloc(0) });
      const lane = laneOf(client);
      let taken: boolean;
      if (allowed) {
        const message = { topic, payload, qos, stored: false, client: client.id };
        const tooLarge = oversize && { payload: new Uint8Array(), tooLargeBytes: oversize.bytes };
        taken = sink.receive({ ...message, ...tooLarge }, lane, done);
      } else {
        counters.add('mqtt_rejected_total', { reason: 'denied' });
        // Through the lane, because acknowledgements keep the order of the messages [MQTT-4.6.0-2].
        taken = lane.push({ readings: [], bytes: 0, acknowledge: done, refused() {} });
      }
      if (!taken) done(new Error('too many messages wait for their commit'));
    },
    clientLeft(client) {
      if (open) sink.clientLeft(client.id);
    },
    async close() {
      open = false;
      await Promise.all([...lanes.values()].map(lane => lane.idle()));
    },
    abandon() {
      for (const lane of lanes.values()) lane.close();
    },
  };
}
