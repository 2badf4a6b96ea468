import { replayRecording } from './recording.ts';

/**
 * Replays a real recording through the stock domain.
 *
 * Usage: npx node bench/stock/replay-recording.ts <folder with plate_data.jsonl, planogram.jsonl, products.jsonl>
 */
const folder = process.argv[2];
const result = folder === undefined ? null : replayRecording(folder);
if (result) {
  const { events, counters, ...figures } = result;
  for (const { settledS, facing, gtin, units, deltaGrams } of events) {
    console.log(`${settledS.toFixed(2)} s: facing ${facing}, ${gtin}, ${units} units, ${deltaGrams} g`);
  }
  console.log(JSON.stringify({ bench: 'stock-recording', ...figures, ...counters }));
} else console.log(`There is no recording in ${folder ?? 'no folder'}; name its folder.`);
