/** `{device}` is the device's name, `{point}` a point key; `{gateway}` and `{any}` stand for any one level. */
const PLACES = /\{(device|point|gateway|any)\}/g;

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Whether a topic of this template is known whole once device and point are. */
export const isExact = (template: string) => !/\{(gateway|any)\}/.test(template);

export const exactTopic = (template: string, device: string, point = '') =>
  template.replace('{device}', device).replace('{point}', point);

/** Finds the device's name in a topic; null when the topic is not of this template. `` when it names no device. */
export function topicMatcher(template: string): (topic: string) => string | null {
  let source = '';
  let at = 0;
  for (const found of template.matchAll(PLACES)) {
    source += escaped(template.slice(at, found.index));
    source += found[1] === 'device' ? '(?<device>[^/]+)' : '[^/]+';
    at = found.index + found[0].length;
  }
  const expression = new RegExp(`^${source}${escaped(template.slice(at))}$`);
  return topic => {
    const found = expression.exec(topic);
    return found ? (found.groups?.device ?? '') : null;
  };
}

/** The subscription that covers every topic of a template. */
export const filterOf = (template: string) =>
  template
    .split('/')
    .map(level => (/\{.+\}/.test(level) ? '+' : level))
    .join('/');
