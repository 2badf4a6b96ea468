import type { Projection } from './projection.ts';

/** People through each door by the minute. Facts of the same minute add up: each counts other people. */
export const footfallProjection: Projection = {
  tables: ['footfall_minute'],
  prepare(connection, fold) {
    const minute = connection.prepare(`
      INSERT INTO ${fold}footfall_minute (seq, door, minute_ms, people_in, people_out) VALUES (?, ?, ?, ?, ?)`);
    return ({ fact, seq }) => {
      // The minutes that a sum is made of are here already.
      if (fact.type === 'footfall' && fact.minutes === undefined)
        minute.run(seq, fact.door, fact.minuteMs, fact.in, fact.out);
    };
  },
  forget: fold => [`DELETE FROM ${fold}footfall_minute WHERE seq <= ?`],
};
