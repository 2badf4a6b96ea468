import { COUNTER_MODULUS, counterTotals, type Door } from '../world/people.ts';

/**
 * Uplinks of a Milesight VS121 as a LoRaWAN network server decodes them: totals in 16 bits, and the
 * people of this interval.
 */
export function createVs121(door: Door): () => string {
  let last = counterTotals(door);
  return () => {
    const totals = counterTotals(door);
    const uplink = {
      people_in: (totals.in - last.in + COUNTER_MODULUS) % COUNTER_MODULUS,
      people_out: (totals.out - last.out + COUNTER_MODULUS) % COUNTER_MODULUS,
      people_total_in: totals.in,
      people_total_out: totals.out,
    };
    last = totals;
    return JSON.stringify(uplink);
  };
}
