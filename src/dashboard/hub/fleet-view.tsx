import type { HubDriftView, HubFleetView, HubRolloutView } from '../../hub/web/views.ts';
import { count } from '../model/formats.ts';
import { Heading } from '../parts/empty.tsx';
import { type MarkKind, State } from '../parts/mark.tsx';
import { useHub } from './hub-state.ts';
import { Ago, Nothing } from './parts.tsx';
import { nameOf } from './store-words.ts';
import { useHubAnswer } from './use-hub-answer.ts';

/** What is on its way to the stores, and which of them are configured with something else than they should be. */
export function FleetView() {
  const { data, error } = useHubAnswer<HubFleetView>('/rollouts');
  return (
    <>
      <Heading title="Rollouts" />
      {data === null ? (
        error !== null ? (
          <Nothing title="The hub cannot say">{error}</Nothing>
        ) : (
          <p class="empty empty-loading">Asking the hub …</p>
        )
      ) : (
        <div class="fleet">
          <Drifts drifts={data.drifts} />
          {data.rollouts.length === 0 && (
            <Nothing title="Nothing was rolled out yet">
              <code>aisle rollout start</code> brings policies or a price list to many stores, a few at a
              time.
            </Nothing>
          )}
          {data.rollouts.map(rollout => (
            <Rollout rollout={rollout} key={rollout.id} />
          ))}
        </div>
      )}
    </>
  );
}

const STATES: Record<HubRolloutView['state'], readonly [MarkKind, string]> = {
  running: ['ok', 'running'],
  completed: ['ok', 'completed'],
  rolling_back: ['out', 'halted, going back'],
  rolled_back: ['low', 'halted and taken back'],
};
const STAGES = [1, 5, 20, 50, 100];

function Rollout({ rollout }: { rollout: HubRolloutView }) {
  const [kind, word] = STATES[rollout.state];
  return (
    <section class="panel">
      <h2>
        {rollout.id} <State kind={kind} word={word} />
        <span class="age">
          {rollout.kind === 'prices' ? 'prices' : 'policies'}, begun{' '}
          <Ago atMs={rollout.startedAtMs} form="ago" />
        </span>
      </h2>
      <ol class="stages" aria-label={`At ${rollout.percent} percent of ${rollout.stores} stores`}>
        {STAGES.map(stage => (
          <li class={`stage ${stage <= rollout.percent ? 'stage-reached' : ''}`} key={stage}>
            {stage} %
          </li>
        ))}
      </ol>
      <p class="soft">
        {count(rollout.confirmed, 'store')} of {rollout.stores} confirmed it, {rollout.failed} failed
        {rollout.state === 'running' && (
          <>
            ; this stage began <Ago atMs={rollout.stageAtMs} form="ago" />
          </>
        )}
        .
      </p>
      {rollout.reason && <p>{rollout.reason}</p>}
    </section>
  );
}

function Drifts({ drifts }: { drifts: readonly HubDriftView[] }) {
  const { stores } = useHub();
  const names = new Map((stores.value ?? []).map(store => [store.gln, nameOf(store)]));
  if (drifts.length === 0) return null;
  return (
    <section class="panel">
      <h2>
        Drift <State kind="low" word={count(drifts.length, 'store')} />
      </h2>
      <ul class="store-list">
        {drifts.map(drift => (
          <li key={drift.store}>
            <a class="store-row" href={`/store/${drift.store}`}>
              <b class="store-name">{names.get(drift.store) ?? drift.store}</b>
              <span class="soft store-lag">
                {drift.version === drift.wantedVersion
                  ? `version ${drift.version} with other content`
                  : `version ${drift.version} instead of ${drift.wantedVersion}`}
                , since <Ago atMs={drift.sinceMs} form="ago" />
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
