import { test } from '@fast-check/vitest';
import { histories, live, repeat } from '../../support/histories.ts';

test.prop([histories], { seed: 11, numRuns: 2_000 })(
  'whatever happens, places sum to zero, nothing is oversold across a cut link, and the log replays to the same books',
  history => live(history),
);

test.prop([histories], { seed: 12, numRuns: 500 })(
  'whatever is sent twice changes nothing the second time',
  history => repeat(history),
);
