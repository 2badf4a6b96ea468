import { useState } from 'preact/hooks';
import type { Stranger, Suggestion } from '../../readings/discovery.ts';
import { gateway } from '../data/gateway-client.ts';
import { BIND_FIELDS, type BindField, idFor } from '../model/adopting.ts';
import { count } from '../model/formats.ts';
import { Age } from '../parts/age.tsx';
import { useStore } from '../parts/context.tsx';
import { DeviceTabs } from '../parts/device-tabs.tsx';
import { Empty, Heading } from '../parts/empty.tsx';
import { useAsked } from '../parts/use-asked.ts';

const ASK_EVERY_MS = 10_000;

/** Who was heard and is no device of the site, and what it may be; one form makes it a device. */
export function UnknownView() {
  const { now } = useStore();
  const { data, error } = useAsked(gateway.strangers, String(Math.floor(now.value / ASK_EVERY_MS)));
  return (
    <>
      <Heading title="Devices">
        <DeviceTabs path="/devices/new" />
      </Heading>
      {error && <p class="soft">{error}</p>}
      {data?.length === 0 && (
        <Empty title="Nobody unknown was heard">
          What publishes to the broker and is no device of the site appears here. Modbus lines and OPC UA
          servers are searched from the gateway’s machine: <code>aisle discover modbus</code> and{' '}
          <code>aisle discover opcua</code>.
        </Empty>
      )}
      <div class="strangers">
        {data?.map(stranger => (
          <StrangerCard stranger={stranger} key={`${stranger.protocol} ${stranger.where}`} />
        ))}
      </div>
    </>
  );
}

function StrangerCard({ stranger }: { stranger: Stranger }) {
  const { name, where, sample, lastSeenMs, suggestions } = stranger;
  return (
    <section class="panel stranger">
      <h2>
        {name}
        <Age atMs={lastSeenMs} form="ago" />
      </h2>
      <p class="soft stranger-where">
        <span class="mono">{where}</span> · {count(stranger.count, 'message')}
      </p>
      {sample && <pre class="stranger-sample">{sample}</pre>}
      {suggestions.length === 0 ? (
        <p class="soft">
          No profile fits. <code>devices/README.md</code> says how to write one.
        </p>
      ) : (
        <AdoptForm name={name} suggestions={suggestions} />
      )}
    </section>
  );
}

type Progress =
  | { readonly state: 'open' | 'sending' }
  | { readonly state: 'done' | 'refused'; readonly words: string };

function AdoptForm({ name, suggestions }: { name: string; suggestions: readonly Suggestion[] }) {
  const [profile, setProfile] = useState(suggestions[0]!.profile);
  const [id, setId] = useState(idFor(name));
  const [bind, setBind] = useState<Readonly<Record<string, string>>>({});
  const [progress, setProgress] = useState<Progress>({ state: 'open' });
  const chosen = suggestions.find(each => each.profile === profile) ?? suggestions[0]!;
  const fields = BIND_FIELDS[chosen.kind] ?? [];
  const adopt = async (event: Event) => {
    event.preventDefault();
    setProgress({ state: 'sending' });
    const bound = Object.fromEntries(
      fields.map(({ key, choices }) => [key, bind[key] ?? choices?.[0] ?? '']),
    );
    const filled = Object.fromEntries(Object.entries(bound).filter(([, value]) => value !== ''));
    try {
      const { next } = await gateway.adopt({ id, profile, address: chosen.address, bind: filled });
      setProgress({ state: 'done', words: `${id} stands in site.yaml; ${next}.` });
    } catch (error) {
      setProgress({ state: 'refused', words: error instanceof Error ? error.message : String(error) });
    }
  };
  if (progress.state === 'done') return <p class="adopt-done">{progress.words}</p>;
  return (
    <form class="adopt" onSubmit={adopt}>
      <label>
        Model
        <select value={profile} onChange={event => setProfile(event.currentTarget.value)}>
          {suggestions.map(each => (
            <option value={each.profile} key={each.profile}>
              {each.profile}
            </option>
          ))}
        </select>
      </label>
      <label>
        Your name for it
        <input value={id} onInput={event => setId(event.currentTarget.value)} required />
      </label>
      {fields.map(field => (
        <BindInput
          field={field}
          value={bind[field.key]}
          onChange={value => setBind({ ...bind, [field.key]: value })}
          key={field.key}
        />
      ))}
      <button class="button" type="submit" disabled={progress.state === 'sending'}>
        Adopt
      </button>
      <p class="soft adopt-why">{chosen.because}</p>
      {progress.state === 'refused' && <p class="alarm">{progress.words}</p>}
    </form>
  );
}

interface BindInputProps {
  readonly field: BindField;
  readonly value: string | undefined;
  readonly onChange: (value: string) => void;
}

function BindInput({ field: { label, choices }, value, onChange }: BindInputProps) {
  if (!choices) {
    return (
      <label>
        {label}
        <input value={value ?? ''} onInput={event => onChange(event.currentTarget.value)} required />
      </label>
    );
  }
  return (
    <label>
      {label}
      <select value={value ?? choices[0]} onChange={event => onChange(event.currentTarget.value)}>
        {choices.map(choice => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    </label>
  );
}
