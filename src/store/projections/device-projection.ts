import type { Projection } from './projection.ts';

/** The state that each device is in, and when it was last known to be there. */
export const deviceProjection: Projection = {
  tables: ['device_state'],
  prepare(connection, fold) {
    const change = connection.prepare(`
      INSERT INTO ${fold}device_state (device, state, reason, since_ms, seen_ms) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET
        since_ms = CASE WHEN state = excluded.state THEN since_ms ELSE excluded.since_ms END,
        state = excluded.state, reason = excluded.reason, seen_ms = coalesce(excluded.seen_ms, seen_ms)`);
    return ({ fact, eventTimeMs }) => {
      if (fact.type !== 'device') return;
      const isThere = fact.state === 'online' || fact.state === 'degraded';
      change.run(fact.device, fact.state, fact.reason, eventTimeMs, isThere ? eventTimeMs : null);
    };
  },
  forget: () => [],
};
