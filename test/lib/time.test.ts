import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { formatTime, isZone, machineZone, parseTime } from '../../src/lib/time'
import { withServer } from '../support/server'

const server = withServer({ zone: 'America/Chicago' })
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })

const WRONG_FORMAT =
  'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].'
const LAST = Date.UTC(2255, 0, 1) * 1000 - 1
const microseconds = fc.integer({ min: 0, max: LAST })
const zones = fc.constantFrom('UTC', ...Intl.supportedValuesOf('timeZone'))
const read = (text: string, zone = 'UTC') => {
  const time = parseTime(text, zone)
  return time === undefined ? undefined : formatTime(time)
}
const instantOf = (time: number) => Temporal.Instant.fromEpochNanoseconds(BigInt(time) * 1000n)

test('every microsecond from 1970 to 2254 comes back as it went', () => {
  fc.assert(fc.property(microseconds, zones, (time, zone) => parseTime(formatTime(time), zone) === time))
})

test('a time is written as ISO 8601 in UTC, with six digits of fraction only when they are not all zero', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        microseconds,
        fc.integer({ min: 0, max: Math.floor(LAST / 1e6) }).map((s) => s * 1e6),
      ),
      (time) => {
        const fractionalDigits = time % 1_000_000 === 0 ? 0 : 6
        expect(formatTime(time)).toBe(instantOf(time).toString({ fractionalSecondDigits: fractionalDigits }))
      },
    ),
  )
})

test.each([
  [0, '1970-01-01T00:00:00Z'],
  [1, '1970-01-01T00:00:00.000001Z'],
  [500_000, '1970-01-01T00:00:00.500000Z'],
  [1_367_470_801_000_000, '2013-05-02T05:00:01Z'],
  [LAST, '2254-12-31T23:59:59.999999Z'],
])('%d microseconds are written as %s', (time, text) => {
  expect(formatTime(time)).toBe(text)
})

test.each([
  ['2013-05-02T05:00:01Z', '2013-05-02T05:00:01Z'],
  ['2013-05-02 05:00:01Z', '2013-05-02T05:00:01Z'],
  ['2013-05-02T05:00:01', '2013-05-02T05:00:01Z'],
  ['2013-05-02T05:00', '2013-05-02T05:00:00Z'],
  ['2013-05-02 05:00+01:00', '2013-05-02T04:00:00Z'],
  ['2013-05-02T05:00:01.5Z', '2013-05-02T05:00:01.500000Z'],
  ['2013-05-02T05:00:01.000001Z', '2013-05-02T05:00:01.000001Z'],
  ['2013-05-02T05:00:01.000000Z', '2013-05-02T05:00:01Z'],
  ['2013-05-02T00:00:01-05:00', '2013-05-02T05:00:01Z'],
  ['2013-05-02T10:30:01+05:30', '2013-05-02T05:00:01Z'],
  ['2012-02-29T23:59:59Z', '2012-02-29T23:59:59Z'],
  ['1969-12-31T23:00:00-02:00', '1970-01-01T01:00:00Z'],
  ['2255-01-01T00:59:59.999999+01:00', '2254-12-31T23:59:59.999999Z'],
])('%s is read as %s', (text, time) => {
  expect(read(text)).toBe(time)
})

test('an offset moves a time by just that much', () => {
  const offset = fc.integer({ min: -(23 * 60 + 59), max: 23 * 60 + 59 })
  fc.assert(
    fc.property(microseconds, offset, (time, minutes) => {
      const local = instantOf(time).add({ minutes }).toString().slice(0, -1)
      const [hh, mm] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
      const two = (number: number) => String(number).padStart(2, '0')
      return parseTime(`${local}${minutes < 0 ? '-' : '+'}${two(hh)}:${two(mm)}`, 'Asia/Tokyo') === time
    }),
  )
})

test.each([
  ['a date alone', '2013-05-02'],
  ['an hour alone', '2013-05-02T05'],
  ['nothing', ''],
  ['a word', 'now'],
  ['a number', '1367470801'],
  ['a month 13', '2013-13-02T05:00:01Z'],
  ['a month 0', '2013-00-02T05:00:01Z'],
  ['a day 0', '2013-05-00T05:00:01Z'],
  ['a 31st of April', '2013-04-31T05:00:01Z'],
  ['a 29th of February in a common year', '2013-02-29T05:00:01Z'],
  ['an hour 24', '2013-05-02T24:00:00Z'],
  ['a minute 60', '2013-05-02T05:60:00Z'],
  ['a second 60', '2013-05-02T05:00:60Z'],
  ['an offset of 24 hours', '2013-05-02T05:00:01+24:00'],
  ['an offset of 60 minutes', '2013-05-02T05:00:01+01:60'],
  ['a point without a fraction', '2013-05-02T05:00:01.Z'],
  ['blanks around', ' 2013-05-02T05:00:01Z '],
  ['a line feed behind', '2013-05-02T05:00:01Z\n'],
  ['two blanks for the T', '2013-05-02  05:00:01Z'],
  ['a year of two digits', '13-05-02T05:00:01Z'],
  ['other digits', '２013-05-02T05:00:01Z'],
  ['a time before 1970', '1969-12-31T23:59:59.999999Z'],
  ['a time before 1970 by its offset', '1970-01-01T00:00:00+00:01'],
  ['a time before 1900', '0099-05-02T05:00:01Z'],
  ['a time after 2254', '2255-01-01T00:00:00Z'],
  ['a time after 2254 by its offset', '2254-12-31T23:59:00-00:01'],
  ['a far future', '9999-12-31T23:59:59Z'],
])('%s is refused', (_, text) => {
  expect(read(text)).toBeUndefined()
})

test.each([
  ['summer', '2013-05-02 00:00:01', '2013-05-02T05:00:01Z'],
  ['winter', '2013-01-02 00:00:01', '2013-01-02T06:00:01Z'],
  ['the last second before the gap', '2013-03-10 01:59:59', '2013-03-10T07:59:59Z'],
  ['the beginning of the gap', '2013-03-10 02:00:00', '2013-03-10T08:00:00Z'],
  ['the middle of the gap', '2013-03-10 02:30:00.25', '2013-03-10T08:30:00.250000Z'],
  ['the end of the gap', '2013-03-10 03:00:00', '2013-03-10T08:00:00Z'],
  ['the last second before the fold', '2013-11-03 00:59:59', '2013-11-03T05:59:59Z'],
  ['the fold, the first time round', '2013-11-03 01:30:00', '2013-11-03T06:30:00Z'],
  ['the end of the fold', '2013-11-03 02:00:00', '2013-11-03T08:00:00Z'],
])('without a zone, %s in Chicago: %s is %s', (_, text, time) => {
  expect(read(text, 'America/Chicago')).toBe(time)
})

test('without a zone, what the clocks of a zone showed is read as the first moment when they did', () => {
  fc.assert(
    fc.property(microseconds, zones, (time, zone) => {
      const local = instantOf(time).toZonedDateTimeISO(zone).toPlainDateTime()
      const read = parseTime(local.toString(), zone)
      if (read === undefined) return time < 86_400_000_000 || time > LAST - 86_400_000_000
      return read <= time && instantOf(read).toZonedDateTimeISO(zone).toPlainDateTime().equals(local)
    }),
  )
})

test('without a zone, a time that the clocks skip is as much later as they skip', () => {
  fc.assert(
    fc.property(microseconds, zones, fc.double({ min: 0, max: 0.999, noNaN: true }), (time, zone, part) => {
      const after = instantOf(time).toZonedDateTimeISO(zone).getTimeZoneTransition('next')
      if (!after) return
      const before = after.subtract({ nanoseconds: 1 })
      const skipped = (after.offsetNanoseconds - before.offsetNanoseconds) / 1e9
      const transition = after.epochMilliseconds * 1000
      if (skipped <= 0 || transition > LAST - 86_400_000_000) return
      const into = Math.floor(skipped * part)
      const beginning = after.toPlainDateTime().subtract({ seconds: skipped })
      expect(parseTime(beginning.add({ seconds: into }).toString(), zone)).toBe(transition + into * 1e6)
    }),
    { numRuns: 1000 },
  )
})

test('no text makes the reader throw, and what it accepts lies within 1970 to 2254', () => {
  const almost = fc
    .tuple(microseconds, fc.nat(30), fc.string({ maxLength: 3, unit: 'binary' }))
    .map(([time, at, junk]) => formatTime(time).slice(0, at) + junk + formatTime(time).slice(at + 1))
  const digits = fc.stringMatching(/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$/)
  const anything = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(fc.oneof(almost, digits, anything), zones, (text, zone) => {
      const time = parseTime(text, zone)
      return time === undefined || (Number.isSafeInteger(time) && time >= 0 && time <= LAST)
    }),
    { numRuns: 2000 },
  )
})

test('names of zones are told from other words', () => {
  expect(['America/Chicago', 'UTC', machineZone()].map(isZone)).toEqual([true, true, true])
  expect(['Mars/Olympus', '', '%'].map(isZone)).toEqual([false, false, false])
})

test('a server in Chicago reads a time without a zone there, and gives it in UTC', async () => {
  await server.makeJob({ id: 'a1' })
  const activity = { activity: 'JOB_START', time: '2013-05-02 00:00:01' }
  await server.client.post('/jobs/a1/activities/', activity)
  expect((await server.client.get('/jobs/a1/activities/')).body).toEqual({
    count: 1,
    next: null,
    previous: null,
    results: [{ job: 'a1', activity: 'JOB_START', time: '2013-05-02T05:00:01Z' }],
  })
})

test.each(['2013-05-02', '1969-12-31T23:59:59Z', '2255-01-01T00:00:00Z', '', 1_367_470_801, true, {}])(
  'POST refuses the time %j',
  async (time) => {
    await server.makeJob({ id: 'a1' })
    const reply = await server.client.post('/jobs/a1/activities/', { activity: 'JOB_START', time })
    expect(reply).toEqual(answer(400, { time: [WRONG_FORMAT] }))
  },
)
