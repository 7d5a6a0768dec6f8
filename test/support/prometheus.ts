// The text format of Prometheus, read as strictly as `promtool check metrics` does what matters: every metric has a
// help and a type before its values, no value is there twice, and histograms add up.

export interface Metric {
  help: string
  type: string
  /** By the name and the labels as they are written. */
  values: Map<string, number>
}

const COMMENT = /^# (HELP|TYPE) ([a-z_]+) (.+)$/
const VALUE = /^([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/

/** @throws Error that names the line which is wrong. */
export function parseMetrics(text: string): Map<string, Metric> {
  const metrics = new Map<string, Metric>()
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  let current: Metric | undefined
  let name = ''
  for (const line of text.split('\n')) {
    if (line === '') continue
    const [, kind, subject = '', words = ''] = COMMENT.exec(line) ?? []
    if (kind === 'HELP') {
      if (metrics.has(subject)) throw new Error(`twice: ${line}`)
      name = subject
      current = { help: words, type: '', values: new Map() }
      metrics.set(name, current)
      continue
    }
    if (!current) throw new Error(`no HELP before: ${line}`)
    if (kind === 'TYPE') {
      if (subject !== name || current.type !== '' || current.values.size > 0) {
        throw new Error(`out of place: ${line}`)
      }
      current.type = words
      continue
    }
    const [, written = '', labels = '', value] = VALUE.exec(line) ?? []
    const suffixes = current.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
    if (value === undefined || !suffixes.some((suffix) => written === name + suffix)) {
      throw new Error(`no value of ${name}: ${line}`)
    }
    if (current.values.has(written + labels)) throw new Error(`twice: ${line}`)
    current.values.set(written + labels, Number(value))
  }
  for (const [name, metric] of metrics) check(name, metric)
  return metrics
}

function check(name: string, { type, values }: Metric): void {
  if (!['counter', 'gauge', 'histogram'].includes(type)) throw new Error(`${name} is of type "${type}"`)
  if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name} is a ${type}`)
  if (type !== 'histogram') return
  let last = 0
  for (const [written, value] of values) {
    const part = written.slice(name.length)
    if (part.startsWith('_bucket')) {
      if (value < last) throw new Error(`${written} is less than the bucket before`)
      last = value
    } else if (part.startsWith('_count')) {
      if (value !== last) throw new Error(`${written} is not what is in the last bucket`)
      last = 0
    }
  }
}
