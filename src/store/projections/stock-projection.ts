import type Sqlite from 'better-sqlite3';
import type {
  LeaseFact,
  MovementFact,
  ReservationFact,
  ReservationLine,
  ReservationState,
} from '../../domain/stock/facts.ts';
import type { LogEntry } from '../fact.ts';
import type { Fold, Projection } from './projection.ts';

/** States in which a reservation holds units back. */
export const OPEN_STATES = `('temporary', 'pending', 'confirmed', 'staged')` as const;
const ENDED: ReadonlySet<ReservationState> = new Set(['refused', 'handed_over', 'released', 'expired']);

/** Units of each GTIN in each place, and the reservations on them. */
export const stockProjection: Projection = {
  tables: ['balance', 'reservation', 'reserved'],
  prepare(connection, fold) {
    const move = prepareMove(connection, fold);
    const reserve = prepareReserve(connection, fold);
    const lease = prepareLease(connection, fold);
    return entry => {
      if (entry.fact.type === 'movement') move(entry.fact, entry);
      else if (entry.fact.type === 'reservation') reserve(entry.fact, entry);
      else if (entry.fact.type === 'lease') lease(entry.fact);
    };
  },
  forget: fold => [`DELETE FROM ${fold}reservation WHERE seq <= ? AND state NOT IN ${OPEN_STATES}`],
};

function prepareMove(connection: Sqlite.Database, fold: Fold) {
  const change = connection.prepare(`
    UPDATE ${fold}balance SET quantity = quantity + ?, changed_at_ms = ?, seq = ? WHERE gtin = ? AND place = ?`);
  const begin = connection.prepare(
    `INSERT INTO ${fold}balance (quantity, changed_at_ms, seq, gtin, place) VALUES (?, ?, ?, ?, ?)`,
  );
  const add = (...row: [quantity: number, changedAtMs: number, seq: number, gtin: string, place: string]) => {
    if (change.run(...row).changes === 0) begin.run(...row);
  };
  return ({ gtin, from, to, quantity }: MovementFact, { seq, eventTimeMs }: LogEntry) => {
    add(-quantity, eventTimeMs, seq, gtin, from);
    add(quantity, eventTimeMs, seq, gtin, to);
  };
}

function prepareReserve(connection: Sqlite.Database, fold: Fold) {
  const find = connection.prepare<[string], { state: ReservationState; lines: string; created_seq: number }>(
    `SELECT state, lines, created_seq FROM ${fold}reservation WHERE reservation = ?`,
  );
  const save = connection.prepare(`
    INSERT OR REPLACE INTO ${fold}reservation (reservation, state, lines, expires_at_ms, reason, created_seq, seq)
    VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const free = connection.prepare(`DELETE FROM ${fold}reserved WHERE reservation = ?`);
  const hold = connection.prepare(`
    INSERT INTO ${fold}reserved (gtin, reservation, quantity, expires_at_ms) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity`);
  return (fact: ReservationFact, { seq }: LogEntry) => {
    const { reservation, state, reason } = fact;
    const expiresAtMs = fact.expiresAtMs === null ? null : Math.round(fact.expiresAtMs);
    const found = find.get(reservation);
    const before = found && !ENDED.has(found.state) ? found : null;
    // The end of a reservation need not repeat what it held.
    const lines =
      before && fact.lines.length === 0
        ? (JSON.parse(before.lines) as readonly ReservationLine[])
        : fact.lines;
    save.run(reservation, state, JSON.stringify(lines), expiresAtMs, reason, before?.created_seq ?? seq, seq);
    free.run(reservation);
    if (ENDED.has(state)) return;
    for (const { gtin, quantity, staged = 0 } of lines) {
      if (quantity > staged) hold.run(gtin, reservation, quantity - staged, expiresAtMs);
    }
  };
}

/** Units that the cloud may promise alone are held back like a reservation, under a name that no order has. */
function prepareLease(connection: Sqlite.Database, fold: Fold) {
  const hold = connection.prepare(`
    INSERT OR REPLACE INTO ${fold}reserved (gtin, reservation, quantity, expires_at_ms) VALUES (?, ?, ?, NULL)`);
  const free = connection.prepare(`DELETE FROM ${fold}reserved WHERE reservation = ?`);
  return ({ gtin, lease, state, granted, sold }: LeaseFact) => {
    const name = `lease\u0000${lease}`;
    if (state === 'active' && granted > sold) hold.run(gtin, name, granted - sold);
    else free.run(name);
  };
}
