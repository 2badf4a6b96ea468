import { type Gln, gs1CheckDigit, parseGln } from '../shared/gtin.ts';
import { parseHours } from '../shared/opening-hours.ts';
import { adviseNearest } from './nearest.ts';
import { coldLimitProblems } from './policies.ts';
import { show } from './problems.ts';
import type { SiteDraft } from './site-draft.ts';
import type { ReportAt } from './yaml-file.ts';

/** Checks what a schema cannot say: check digit, time zone, currency, cold limits. Absent values are skipped. */
export function checkStore(draft: SiteDraft, report: ReportAt): { readonly gln: Gln | null } {
  const { gln: text, timeZone, currency } = draft.store ?? {};
  const gln = text === undefined ? null : parseGln(text);
  if (text !== undefined && gln === null) report(['store', 'gln'], 'value', ...glnFault(text));
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    const advice = adviseNearest(
      timeZone,
      Intl.supportedValuesOf('timeZone'),
      'write one such as Europe/Berlin',
    );
    report(['store', 'timeZone'], 'value', `there is no time zone ${show(timeZone)}`, advice);
  }
  if (currency !== undefined && !Intl.supportedValuesOf('currency').includes(currency)) {
    report(['store', 'currency'], 'value', `there is no currency ${show(currency)}`, 'write one such as EUR');
  }
  checkHours(draft, report);
  for (const { path, part, what, mend } of coldLimitProblems(draft.policies ?? {})) {
    report(['policies', ...path], part, what, mend);
  }
  return { gln };
}

function checkHours(draft: SiteDraft, report: ReportAt): void {
  for (const [day, text] of Object.entries(draft.store?.openingHours ?? {})) {
    const hours = parseHours(text);
    if (!hours || hours.opens < hours.closes) continue;
    const what = `${day}: ${show(text)} closes before it opens`;
    report(['store', 'openingHours', day], 'value', what, 'write the later time second; midnight is 24:00');
  }
}

/** What is wrong with a text that is no GLN, and the mend. */
export function glnFault(text: string): [what: string, mend: string] {
  const what = `${show(text)} is not a GLN`;
  if (!/^\d{13}$/.test(text)) return [what, 'write its 13 digits in quotes'];
  return [what, `its last digit should be ${gs1CheckDigit(text.slice(0, -1))} if the others are right`];
}

/** Whether it is the name of an IANA time zone. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
