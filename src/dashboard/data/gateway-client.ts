import type {
  ColdUnitView,
  DeviceView,
  FacingView,
  FootfallBinView,
  HealthView,
  LabelView,
  MovementView,
  ReservationView,
  StockView,
  SyncView,
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

const part = encodeURIComponent;

export const gateway = {
  health: () => get<HealthView>('/health'),
  sync: () => get<SyncView>('/sync'),
  stock: () => get<StockView[]>('/stock'),
  facings: () => get<FacingView[]>('/facings'),
  devices: () => get<DeviceView[]>('/devices'),
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
  footfall: () => get<FootfallBinView[]>('/footfall?hours=26&bin=15'),
};
