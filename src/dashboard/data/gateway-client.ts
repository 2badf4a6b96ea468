import type { BusBudget } from '../../readings/bus-budget.ts';
import type { Adopted, Adoption, Stranger } from '../../readings/discovery.ts';
import type {
  AvailabilityView,
  ColdUnitView,
  DeviceView,
  FacingView,
  FootfallBinView,
  HealthView,
  ItemExplanationView,
  LabelView,
  MovementView,
  PickLineView,
  ReplayView,
  ReservationView,
  StockView,
  SyncView,
  TaskView,
  TemperatureMinuteView,
} from '../../store/views.ts';

const BASE = '/api/v1';

/** Asks the gateway; rejects with the sentence that it answered, or that it did not answer. */
async function get<T>(path: string): Promise<T> {
  const response = await fetch(`${BASE}${path}`, { headers: { accept: 'application/json' } });
  const body: unknown = await response.json();
  if (response.ok) return body as T;
  const { error } = body as { error?: { message?: string } };
  throw new Error(error?.message ?? `the gateway answered ${response.status}`);
}

/** Sends something and gives the answer; each press of a button is one, so it has a key of its own. */
async function post<T = unknown>(path: string, body: object): Promise<T> {
  const response = await fetch(`${BASE}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  if (response.ok) return answer as T;
  const { error } = answer as { error?: { message?: string } };
  throw new Error(error?.message ?? `the gateway answered ${response.status}`);
}

const newKey = () => [...crypto.getRandomValues(new Uint32Array(4))].map(word => word.toString(36)).join('-');
const part = encodeURIComponent;

export const gateway = {
  health: () => get<HealthView>('/health'),
  sync: () => get<SyncView>('/sync'),
  replay: (seqs: readonly number[] | null) => post<ReplayView>('/sync/replay', seqs === null ? {} : { seqs }),
  stock: () => get<StockView[]>('/stock'),
  facings: () => get<FacingView[]>('/facings'),
  devices: () => get<DeviceView[]>('/devices'),
  device: (device: string) => get<DeviceView>(`/devices/${part(device)}`),
  cold: () => get<ColdUnitView[]>('/cold'),
  labels: () => get<LabelView[]>('/labels'),
  reservations: () => get<ReservationView[]>('/reservations'),
  recentMovements: (limit: number) => get<MovementView[]>(`/movements?limit=${limit}`),
  movements: (gtin: string, limit: number, before?: number) =>
    get<MovementView[]>(
      `/stock/${part(gtin)}/movements?limit=${limit}${before === undefined ? '' : `&before=${before}`}`,
    ),
  temperatures: (unit: string, minutes: number) =>
    get<TemperatureMinuteView[]>(`/cold/${part(unit)}/temperatures?minutes=${minutes}`),
  why: (gtin: string) => get<ItemExplanationView>(`/stock/${part(gtin)}/why`),
  tasks: () => get<TaskView[]>('/tasks'),
  tellTask: (task: string, action: 'take' | 'done' | 'dismiss', note: string) =>
    post(`/tasks/${part(task)}/${action}`, {
      key: `dashboard-${newKey()}`,
      ...(note.trim() && { note: note.trim() }),
    }),
  picked: (reservation: string, lines: readonly PickLineView[], found: readonly number[]) =>
    post(`/reservations/${part(reservation)}/picked`, {
      key: `dashboard-${newKey()}`,
      lines: lines.flatMap(({ gtin, unit, facing }, index) => {
        const units = found[index] ?? 0;
        const from = facing === null ? 'backroom' : `shelf:${facing}`;
        return units > 0 ? [{ gtin, [unit === 'g' ? 'grams' : 'quantity']: units, from }] : [];
      }),
    }),
  handOver: (reservation: string) =>
    post(`/reservations/${part(reservation)}/hand-over`, { key: `dashboard-${newKey()}` }),
  buses: () => get<BusBudget[]>('/buses'),
  strangers: () => get<Stranger[]>('/strangers'),
  adopt: (wanted: Adoption) => post<Adopted>('/devices/adopt', wanted),
  availability: (days: number) => get<AvailabilityView[]>(`/availability?days=${days}`),
  footfall: () => get<FootfallBinView[]>('/footfall?hours=26&bin=15'),
};
