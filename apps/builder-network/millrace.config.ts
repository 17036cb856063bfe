import { defineConfig } from 'millrace'
import * as models from './models/index.ts'
import { nightlyVerification } from './models/nightly.ts'

export default defineConfig({
  define: [models, nightlyVerification],
  extensions: ['pg_trgm'],
})
