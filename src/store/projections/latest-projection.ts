import type { Fact } from '../fact.ts';
import type { Projection } from './projection.ts';

/**
 * The last fact of every subject that a domain continues from after a restart, however long ago it was: prices,
 * labels, devices, doors, alarms, ill plates, notices, leases, tasks, the price list, the configuration, what was learned of each item, and the last count at
 * each place, from which its number is explained. Unlike the log it is never trimmed.
 */
export const latestProjection: Projection = {
  tables: ['latest_fact'],
  prepare(connection, fold) {
    const keep = connection.prepare(
      `INSERT OR REPLACE INTO ${fold}latest_fact (subject, seq, event_time_ms, fact) VALUES (?, ?, ?, ?)`,
    );
    return ({ fact, seq, eventTimeMs }) => {
      const subject = subjectOf(fact);
      if (subject) keep.run(subject, seq, eventTimeMs, JSON.stringify(fact));
    };
  },
  forget: fold => [
    `DELETE FROM ${fold}latest_fact WHERE seq <= ? AND (subject LIKE 'notice %' OR subject LIKE 'lease %')
     AND fact ->> 'state' IN ('received', 'settled')`,
    `DELETE FROM ${fold}latest_fact WHERE seq <= ? AND subject LIKE 'task %'
     AND fact ->> 'state' IN ('done', 'dismissed')`,
  ],
};

function subjectOf(fact: Fact): string | null {
  switch (fact.type) {
    case 'price':
      // The site's own price is known beside a later one from the cloud.
      return `price ${fact.version === 'site' ? 'site' : 'list'} ${fact.gtin}`;
    case 'price_list':
    case 'configuration':
      return fact.type;
    case 'label':
      return `label ${fact.label}`;
    case 'device':
      return `device ${fact.device}`;
    case 'footfall':
      return `footfall ${fact.device}`;
    case 'cold_alarm':
      return `cold_alarm ${fact.unit} ${fact.alarm}`;
    case 'plate_trouble':
      return `plate_trouble ${fact.device} ${fact.plate} ${fact.trouble}`;
    case 'unit_weight':
      return `unit_weight ${fact.gtin}`;
    case 'notice':
      return `notice ${fact.notice}`;
    case 'lease':
      return `lease ${fact.lease}`;
    case 'task':
      return `task ${fact.task}`;
    case 'outage_receipt':
      return 'outage_receipt';
    case 'item_day':
      return `item_day ${fact.gtin}`;
    case 'count':
      return `count ${fact.gtin} ${fact.place}`;
    default:
      return null;
  }
}
