import type { ReservationState } from '../../domain/stock/facts.ts';
import type { Line } from '../../readings/documents.ts';
import type { Database } from '../database.ts';
import type { Queries, ReservationView } from '../views.ts';

interface ReservationRow {
  readonly reservation: string;
  readonly state: ReservationState;
  readonly lines: string;
  readonly expiresAtMs: number | null;
  readonly reason: string | null;
}

/** A reservation reads as expired from the instant it expires, whether or not a fact says so yet. */
export function createReservationQueries(
  { connection }: Database,
  nowMs: () => number,
): Pick<Queries, 'reservation' | 'reservations'> {
  const columns = 'reservation, state, lines, expires_at_ms AS expiresAtMs, reason';
  const one = connection.prepare<[string], ReservationRow>(
    `SELECT ${columns} FROM reservation WHERE reservation = ?`,
  );
  const all = connection.prepare<[], ReservationRow>(
    `SELECT ${columns} FROM reservation ORDER BY created_seq DESC, reservation`,
  );
  const view = (row: ReservationRow): ReservationView => {
    const isOver = row.state === 'temporary' && row.expiresAtMs !== null && row.expiresAtMs <= nowMs();
    return {
      ...row,
      state: isOver ? 'expired' : row.state,
      lines: JSON.parse(row.lines) as readonly Line[],
    };
  };
  return {
    reservation(id) {
      const row = one.get(id);
      return row ? view(row) : null;
    },
    reservations: () => all.all().map(view),
  };
}
