import type { RecordingResult } from '../recording.ts';

/** The one real recording: what was found in it, and what was not. */
export function recordingSection(recording: RecordingResult): readonly string[] {
  const { right, falseEvents, unexplained, liveChannels, deadChannels, deadFlagged, liveFlagged } = recording;
  const found = recording.events
    .map(
      ({ settledS, units, gtin, deltaGrams }) =>
        `${units} of ${gtin} after ${settledS.toFixed(2)} s (${deltaGrams} g)`,
    )
    .join('; ');
  return [
    '## A real recording (B1)',
    `Two gondolas, 17 s at 60 samples/s, one unit really taken. ${right ? 'It was found with its item and number' : 'It was not found'}: ${found || 'no event'}. False events on ${liveChannels} live channels: ${falseEvents}; unexplained weights: ${unexplained}. Dead channels found: ${deadFlagged} of ${deadChannels}; live ones taken for dead: ${liveFlagged}.`,
  ];
}
