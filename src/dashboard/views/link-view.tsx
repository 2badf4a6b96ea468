import { useState } from 'preact/hooks';
import type { DeadLetterView, ReplayView, SyncView } from '../../store/views.ts';
import { gateway } from '../data/gateway-client.ts';
import { ageWords } from '../model/age.ts';
import { count } from '../model/formats.ts';
import { bytesWords, letterKind, ROOM_MARK, ROOM_STEPS, receiptWords } from '../model/room-words.ts';
import { Age } from '../parts/age.tsx';
import { CloudTabs } from '../parts/cloud-tabs.tsx';
import { useStore } from '../parts/context.tsx';
import { Empty, Heading } from '../parts/empty.tsx';
import { State } from '../parts/mark.tsx';

/** The link to the cloud: its state, the room for what waits, what the cloud could not use, and receipts of outages. */
export function LinkView() {
  const { sync } = useStore();
  const view = sync.value;
  return (
    <>
      <Heading title="Cloud">
        <CloudTabs path="/cloud/link" />
      </Heading>
      {view === null || !view.configured ? (
        <Empty title="This store works alone">
          Add <code>cloud.address</code> to <code>site.yaml</code> to keep a cloud inventory in step.
        </Empty>
      ) : (
        <div class="link-panels">
          <Link sync={view} />
          <DeadLetters sync={view} />
          <Receipts sync={view} />
        </div>
      )}
    </>
  );
}

function Link({ sync }: { sync: SyncView }) {
  const { now } = useStore();
  const { room } = sync;
  return (
    <section class="panel">
      <h2 class="link-head">
        {sync.peer}
        <State kind={sync.connected ? 'ok' : 'low'} word={sync.connected ? 'connected' : 'not connected'} />
        <span class="soft link-since">
          <Age atMs={sync.sinceMs} form="ago" />
        </span>
      </h2>
      <div class="link-figures">
        <Figure value={sync.pending.toLocaleString('en')} name="events wait" />
        <Figure
          value={sync.oldestPendingMs === null ? '–' : ageWords(now.value - sync.oldestPendingMs)}
          name="the oldest"
        />
        <Figure value={`${Math.round(room.usedShare * 100)} %`} name={`of ${bytesWords(room.budgetBytes)}`} />
      </div>
      <div class={`room room-${ROOM_MARK[room.level]}`} aria-hidden="true">
        <span class="room-fill" style={{ width: `${Math.min(1, room.usedShare) * 100}%` }} />
        {ROOM_STEPS.map(step => (
          <span class="room-step" style={{ left: `${step * 100}%` }} key={step} />
        ))}
      </div>
      <p class="room-names soft" aria-hidden="true">
        <span>{bytesWords(room.bytes)}</span>
        <span>70, 85, 95 %</span>
      </p>
      {room.level === 'none' && (
        <p class="soft link-words">
          {sync.connected
            ? 'There is room; what is committed here goes up at once.'
            : 'There is room; the store goes on by itself, and nothing is lost while it waits.'}
        </p>
      )}
      {sync.detail && <p class="soft link-words">{sync.detail}</p>}
    </section>
  );
}

function Figure({ value, name }: { value: string; name: string }) {
  return (
    <div class="link-figure">
      <b>{value}</b>
      <span class="soft">{name}</span>
    </div>
  );
}

function DeadLetters({ sync }: { sync: SyncView }) {
  const { deadLetters, deadLetterCount, connected } = sync;
  const [said, setSaid] = useState<string | null>(null);
  const [isAsking, setIsAsking] = useState(false);
  const replay = (seqs: readonly number[] | null) => () => {
    setIsAsking(true);
    gateway
      .replay(seqs)
      .then(
        answer => setSaid(answerWords(answer)),
        (error: Error) => setSaid(error.message),
      )
      .finally(() => setIsAsking(false));
  };
  return (
    <section class="panel">
      <h2 class="link-head">
        Put aside by the cloud
        <State
          kind={deadLetterCount === 0 ? 'ok' : 'low'}
          word={deadLetterCount === 0 ? 'nothing' : count(deadLetterCount, 'event')}
        />
      </h2>
      {deadLetterCount === 0 ? (
        <p class="soft">An event that the cloud cannot use is kept here, to be sent again when it can.</p>
      ) : (
        <>
          <ul class="letters">
            {deadLetters.map(letter => (
              <Letter
                letter={letter}
                off={!connected || isAsking}
                onSend={replay([letter.seq])}
                key={letter.seq}
              />
            ))}
          </ul>
          {deadLetterCount > deadLetters.length && (
            <p class="soft">and {deadLetterCount - deadLetters.length} more</p>
          )}
          <button
            type="button"
            class="button button-main"
            disabled={!connected || isAsking}
            onClick={replay(null)}
          >
            Send all again
          </button>
        </>
      )}
      {said && <p role="status">{said}</p>}
    </section>
  );
}

function Letter({ letter, off, onSend }: { letter: DeadLetterView; off: boolean; onSend: () => void }) {
  return (
    <li class="letter">
      <span>
        <b>{letterKind(letter)}</b> <span class="soft mono">{letter.seq}</span>
        <small>{letter.reason}</small>
      </span>
      <Age atMs={letter.atMs} />
      <button
        type="button"
        class="button"
        disabled={off}
        onClick={onSend}
        aria-label={`Send ${letter.seq} again`}
      >
        Send again
      </button>
    </li>
  );
}

function answerWords({ taken, refused }: ReplayView): string {
  const said = [
    ...(taken.length > 0 ? [`${count(taken.length, 'event')} taken`] : []),
    ...(refused.length > 0 ? [`${refused.length} refused again: ${refused[0]!.reason}`] : []),
  ];
  return said.length === 0 ? 'There was nothing to send.' : `${said.join(', ')}.`;
}

function Receipts({ sync }: { sync: SyncView }) {
  const { formats } = useStore();
  const at = (timeMs: number) => `${formats.value.day(timeMs)}, ${formats.value.clock(timeMs)}`;
  return (
    <section class="panel link-wide">
      <h2>Receipts of outages</h2>
      {sync.receipts.length === 0 ? (
        <p class="soft">
          When the last event of an outage has arrived, its receipt says what became of all of them.
        </p>
      ) : (
        <ol class="receipts">
          {sync.receipts.map(receipt => (
            <li class="receipt" key={receipt.number}>
              <b>{receipt.number}</b>
              <span>
                {at(receipt.fromMs)}, for {ageWords(receipt.toMs - receipt.fromMs)}
                <small class="soft">{receiptWords(receipt)}</small>
              </span>
              <span class="mono soft receipt-digest" title={`SHA-256 chain ${receipt.digest}`}>
                {receipt.digest.slice(0, 12)}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
