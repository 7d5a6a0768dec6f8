// Files of real jobs, as text.

import { Glob } from 'bun'

const fixtures = `${import.meta.dir}/../../fixtures/jobs`

/** @param path  below the folder of the job. */
export async function sampleText(job: string, path: string): Promise<string> {
  const [folder] = [...new Glob('job-*').scanSync({ cwd: `${fixtures}/${job}`, onlyFiles: false })]
  return Bun.file(`${fixtures}/${job}/${folder}/${path}`).text()
}
