import type Sqlite from 'better-sqlite3';
import type { LabelFact } from '../../domain/labels/facts.ts';
import { priceText } from '../price-text.ts';
import type { Fold, Projection } from './projection.ts';

/** Prices that ought to be shown, what each label shows, and the orders to labels that are not yet answered. */
export const labelProjection: Projection = {
  tables: ['price', 'label_state', 'command_outbox'],
  prepare(connection, fold) {
    const price = connection.prepare(
      `INSERT OR REPLACE INTO ${fold}price (gtin, price_minor, currency, version) VALUES (?, ?, ?, ?)`,
    );
    const remember = prepareLabelState(connection, fold);
    const order = prepareOrders(connection, fold);
    return ({ fact, seq, eventTimeMs }) => {
      if (fact.type === 'price') price.run(fact.gtin, fact.priceMinor, fact.currency, fact.version);
      if (fact.type !== 'label') return;
      remember(fact, eventTimeMs);
      order(fact, seq);
    };
  },
  forget: () => [],
};

/** Only an acknowledged price counts as shown, and it stays shown while the next one is on its way. */
function prepareLabelState(connection: Sqlite.Database, fold: Fold) {
  const remember = connection.prepare(`
    INSERT INTO ${fold}label_state (label, gtin, state, detail, changed_at_ms, shown_gtin, shown_minor)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET
      gtin = excluded.gtin, state = excluded.state, detail = excluded.detail,
      changed_at_ms = excluded.changed_at_ms,
      shown_gtin = coalesce(excluded.shown_gtin, shown_gtin),
      shown_minor = coalesce(excluded.shown_minor, shown_minor)`);
  return ({ label, gtin, state, detail, priceMinor }: LabelFact, changedAtMs: number) => {
    const shown = state === 'shown';
    remember.run(label, gtin, state, detail, changedAtMs, shown ? gtin : null, shown ? priceMinor : null);
  };
}

/** A label has at most one order under way: a newer price supersedes the older one. */
function prepareOrders(connection: Sqlite.Database, fold: Fold) {
  const supersede = connection.prepare(
    `DELETE FROM ${fold}command_outbox WHERE device = ? AND name = 'show' OR id = ?`,
  );
  const insert = connection.prepare(
    `INSERT INTO ${fold}command_outbox (id, seq, device, name, body) VALUES (?, ?, ?, 'show', ?)`,
  );
  const settle = connection.prepare(`DELETE FROM ${fold}command_outbox WHERE id = ?`);
  return (fact: LabelFact, seq: number) => {
    const { commandId, label, gtin, name, priceMinor, currency } = fact;
    if (fact.state !== 'requested') {
      settle.run(commandId);
      return;
    }
    const body = { gtin, name, price: priceText(priceMinor, currency), priceMinor, currency };
    supersede.run(label, commandId);
    insert.run(commandId, seq, label, JSON.stringify(body));
  };
}
