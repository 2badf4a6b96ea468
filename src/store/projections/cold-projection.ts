import type { Projection } from './projection.ts';

/** Temperatures by the minute, and the alarms that stand. */
export const coldProjection: Projection = {
  tables: ['temperature_minute', 'cold_alarm'],
  prepare(connection, fold) {
    const minute = connection.prepare(`
      INSERT INTO ${fold}temperature_minute
        (seq, unit, point, minute_ms, good_samples, min_celsius, mean_celsius, max_celsius)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
    const raise = connection.prepare(`
      INSERT OR REPLACE INTO ${fold}cold_alarm (unit, device, alarm, since_ms, celsius, limit_celsius)
      VALUES (?, ?, ?, ?, ?, ?)`);
    const clear = connection.prepare(
      `DELETE FROM ${fold}cold_alarm WHERE unit = ? AND device = ? AND alarm = ?`,
    );
    return ({ fact, seq }) => {
      if (fact.type === 'temperature') {
        // The minutes that a sum is made of are here already.
        if (fact.minutes !== undefined) return;
        const { unit, point, minuteMs, goodSamples, minCelsius, meanCelsius, maxCelsius } = fact;
        minute.run(seq, unit, point, minuteMs, goodSamples, minCelsius, meanCelsius, maxCelsius);
      } else if (fact.type === 'cold_alarm') {
        const { unit, device, alarm, state, sinceMs, celsius, limitCelsius } = fact;
        if (state === 'raised') raise.run(unit, device, alarm, Math.round(sinceMs), celsius, limitCelsius);
        else clear.run(unit, device, alarm);
      }
    };
  },
  forget: fold => [`DELETE FROM ${fold}temperature_minute WHERE seq <= ?`],
};
