import type { ItemDayFact, PickLine, TaskFact } from '../../domain/shelf-work/facts.ts';
import type { Database } from '../database.ts';
import type { AvailabilityView, Queries, TaskView } from '../views.ts';

interface LatestRow {
  readonly atMs: number;
  readonly fact: string;
  readonly name: string | null;
}

const DAY_MS = 24 * 60 * 60_000;
/** Ended tasks that are still told. */
const ENDED_SHOWN = 50;

/** What there is to do on the shelves, how available they were, and what each item is expected to sell. */
export function createShelfWorkQueries(
  { connection }: Database,
  { stockOf }: Pick<Queries, 'stockOf'>,
  nowMs: () => number,
): Pick<Queries, 'tasks' | 'taskOf' | 'availability' | 'forecast'> {
  const sql = `SELECT l.event_time_ms AS atMs, l.fact, i.name FROM latest_fact l
    LEFT JOIN site_item i ON i.gtin = l.fact ->> 'gtin'`;
  // The subjects are the key of the table, so that this reads tasks alone.
  const tasks = connection.prepare<[], LatestRow>(
    `${sql} WHERE l.subject >= 'task ' AND l.subject < 'task!'`,
  );
  const one = connection.prepare<[string], LatestRow>(`${sql} WHERE l.subject = ?`);
  const findName = connection.prepare<[string], string>('SELECT name FROM site_item WHERE gtin = ?').pluck();
  const taskView = ({ atMs, fact, name }: LatestRow): TaskView => {
    const { type: _, pick, ...task } = JSON.parse(fact) as TaskFact;
    const view = { ...task, name: name ?? task.gtin, changedAtMs: atMs };
    const named = (line: PickLine) => ({ ...line, name: findName.get(line.gtin) ?? line.gtin });
    return pick ? { ...view, pick: { ...pick, lines: pick.lines.map(named) } } : view;
  };
  const days = connection.prepare<[number], Omit<AvailabilityView, 'share'>>(`
    SELECT day, sum(facing_minutes) AS facingMinutes, sum(stocked_minutes) AS stockedMinutes,
      sum(sold_units) AS soldUnits
    FROM item_day GROUP BY day ORDER BY day DESC LIMIT ?`);
  return {
    tasks() {
      const all = tasks.all().map(taskView);
      const open = all
        .filter(isOpen)
        .toSorted((a, b) => dueOf(a) - dueOf(b) || b.priority - a.priority || a.openedAtMs - b.openedAtMs);
      const ended = all
        .filter(task => !isOpen(task) && task.changedAtMs > nowMs() - DAY_MS)
        .toSorted((a, b) => b.changedAtMs - a.changedAtMs);
      return [...open, ...ended.slice(0, ENDED_SHOWN)];
    },
    taskOf(task) {
      const row = one.get(`task ${task}`);
      return row ? taskView(row) : null;
    },
    availability: limit =>
      days.all(limit).map(day => ({
        ...day,
        share: day.facingMinutes > 0 ? day.stockedMinutes / day.facingMinutes : 0,
      })),
    forecast(gtin) {
      const row = one.get(`item_day ${gtin}`);
      if (!row) return null;
      const { day, meanPerDay, reorderPoint, demand } = JSON.parse(row.fact) as ItemDayFact;
      const stock = stockOf(gtin);
      const onHand = (stock?.backroom ?? 0) + (stock?.onShelf ?? 0);
      const orderNow = onHand <= reorderPoint;
      return { gtin, day, daysLearned: demand.days, meanPerDay, reorderPoint, onHand, orderNow };
    },
  };
}

const isOpen = ({ state }: TaskView): boolean => state === 'open' || state === 'taken';

/** Customers wait for orders; the rest has no hour. */
const dueOf = ({ pick }: TaskView): number => pick?.dueAtMs ?? Number.MAX_SAFE_INTEGER;
