import { METHODS } from './shelf-events.ts';
import { NOISE_PROFILES } from './shelf-noise.ts';
import type { StreamOptions } from './shelf-stream.ts';

/** One row of a results table: what is simulated, how often, and who is asked. */
export interface Setting {
  readonly id: string;
  readonly name: string;
  readonly options: StreamOptions;
  readonly seeds: readonly number[];
  readonly shelves: number;
  readonly methods: readonly string[];
}

/** Seeds 0 to 99 are for tuning, 1000 to 1099 were looked at while the engine was made; these were not. */
const reported = (count: number) => Array.from({ length: count }, (_, i) => 1100 + i);
const EVERYBODY = METHODS.map(({ name }) => name);
const US = ['Aisle'];

/** B2: five noise profiles. */
export const NOISE_SETTINGS: readonly Setting[] = Object.entries(NOISE_PROFILES).map(([id, profile]) => ({
  id,
  name: profile.name,
  options: { profile },
  seeds: reported(20),
  shelves: id === 'base' || id === 'noise2' ? 2 : 1,
  methods: EVERYBODY,
}));

/** B3: 33 items on three shelves, one plate each, about 85 single picks. */
export const IDENTIFICATION: Setting = {
  id: 'identification',
  name: '33 items, 85 picks',
  options: {
    profile: NOISE_PROFILES.base,
    facings: 11,
    script: { minutes: 5.3, kinds: ['pick'] },
  },
  seeds: reported(20),
  shelves: 3,
  methods: EVERYBODY,
};

const variant = (id: string, name: string, options: Partial<StreamOptions>): Setting => ({
  id,
  name,
  options: { profile: NOISE_PROFILES.base, ...options },
  seeds: reported(12),
  shelves: 1,
  methods: US,
});

/** B8: what of the world makes it hard. The engine stays as it is. */
export const ABLATIONS: readonly Setting[] = [
  variant('as-is', 'as in the main table', {}),
  variant('hz10', '10 samples/s (80 averaged)', { hz: 10, average: 8 }),
  variant('hz20', '20 samples/s (80 averaged)', { hz: 20, average: 4 }),
  variant('hz80', '80 samples/s', { hz: 80 }),
  variant('no-cross-talk', 'no cross-talk between plates', { crossTalk: [0, 0] }),
  variant('cross-talk', 'three times the cross-talk', { crossTalk: [0.012, 0.042] }),
  variant('spread3', 'units vary by 3 %', { script: { unitSpread: 0.03 } }),
  variant('spread6', 'units vary by 6 %', { script: { unitSpread: 0.06 } }),
  variant('lot2', 'lots 2 % off the catalogue', { script: { lotError: 0.02 } }),
  variant('dense', 'an act every 2.5 s', { script: { pauseMs: 1_500 } }),
  variant('one-plate', 'one plate for each item', { facings: 12 }),
  variant('no-misplacing', 'nothing is put back wrongly', {
    script: { kinds: ['pick', 'multi_pick', 'pair_pick', 'touch', 'lean'] },
  }),
];
