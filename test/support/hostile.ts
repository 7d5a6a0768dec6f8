// Data as somebody sends it who means harm, or as a tool writes it that knows no measure.

import { join } from 'node:path'
import { binary } from './binary'
import { type Dashboard, PASSWORD } from './browser'

const RUN = 'window.pwned=1'

/** Each would do something where text is taken for anything else. */
export const pieces = [
  `<img src=x onerror="${RUN}">`,
  `<script>${RUN}</script>`,
  `javascript:${RUN}`,
  `"><svg onload="${RUN}">`,
  `{{7*7}}$\{7*7}<%=7*7%>`,
  '<a href=//evil.invalid>&lt;b&gt;</a>',
  '\u202Eexe.gpj\u202C\u2066\u200B\u200D\uFEFF',
]

/** All of them: as long as a description or the name of an activity may be. */
export const hostile = pieces.join(' ')

/** Without what a username cannot have, and as short as that has to be. */
export const hostileName = `<img src=x onerror="${RUN}"> "><svg onload="${RUN}">'{{7*7}}`

/** In place of the slash that no file's name has. */
export const hostileFile = `<img src=x onerror="${RUN}">.log`

export const ansi = '\u001b[1;31mred\u001b[0m plain \u001b[48;5;22mfilled\u001b[m \u001b]0;title\u0007end'

/** Pages that would run, were they not sent as text or into a sandbox. */
const active: Record<string, string> = {
  'page.html': `<!doctype html><script>${RUN}</script>`,
  'picture.svg': `<svg xmlns="http://www.w3.org/2000/svg" onload="${RUN}"/>`,
  'page.xml': `<html xmlns="http://www.w3.org/1999/xhtml"><script>${RUN}</script></html>`,
  'code.js': RUN,
}
export const activeFiles = Object.keys(active)

/** A job's directory, made and uploaded as people do. `texts` is what stands in it. */
export async function uploadMade(
  { folder, origin }: Dashboard,
  id: string,
  texts: { tag: string; reason: string; log: string; file: string; packageName: string },
): Promise<void> {
  const job = join(folder.path, `job-${id}`)
  const write = (path: string, content: string) => Bun.write(join(job, path), content)
  const test = {
    id: texts.tag,
    name: texts.tag,
    logdir: `/logs/test-results/1-made`,
    status: 'FAIL',
    fail_reason: texts.reason,
    whiteboard: texts.reason,
    tags: { [texts.file]: null },
    actual_time_start: Date.now() / 1000 - 60,
    time_elapsed: 2,
  }
  await write('results.json', JSON.stringify({ job_id: id, debuglog: '/logs/job.log', tests: [test] }))
  await write('test-results/1-made/debug.log', texts.log)
  await write(`test-results/1-made/data/${texts.file}`, texts.log)
  await write(`data/${texts.file}`, texts.log)
  for (const [name, content] of Object.entries(active)) await write(name, content)
  await write('jobdata/cmdline', `['avocado', 'run', ${JSON.stringify(texts.tag)}]`)
  await write('sysinfo/pre/os-release', `ID='${texts.packageName}'\nVERSION_ID=39\n`)
  await write('sysinfo/pre/installed_packages', `${texts.packageName}-1.0-1.x86_64\n`)
  const url = origin.replace('//', `//admin:${encodeURIComponent(PASSWORD)}@`)
  const { exitCode, stderr } = Bun.spawnSync([binary(), 'upload', job, url], {
    stdout: 'ignore',
    stderr: 'pipe',
  })
  if (exitCode !== 0) throw new Error(`upload: ${stderr}`)
}
