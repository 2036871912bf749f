import { it } from 'vitest';
import * as tf from '@tensorflow/tfjs-core';
import { openBackend, backendNames } from '../src/open-backend';
it('opens', async () => {
  for (const name of ['cpu','wasm','webgpu']) {
    try { const b = await openBackend({ prefer: name, allowSoftware: true });
      console.log(name, b.description, JSON.stringify(b.capabilities), tf.getBackend());
      try { const held=[]; const big = tf.ones([1024,1024,64]); for (let i=0;i<20 && ['wasm','webgpu'].includes(name);i++){ if (name==='webgpu') break; held.push(tf.add(big,i)); await tf.slice(held[i]!,[0,0,0],[1,1,2]).data(); } } catch(e:any) { console.log(name, 'OOM', e.code, e.message, e.hint); }
      try { if (name!=='js' && name!=='cpu') { const t = tf.zeros([2**30-1]); await tf.slice(tf.add(t,1),0,2).data(); } } catch(e:any) { console.log(name, 'BIG', e.code, e.message); }
      await b[Symbol.asyncDispose]();
    } catch (e: any) { console.log(name, 'FAILED', e.message, '|', e.hint, '|', String(e.cause).slice(0,200)); }
  }
});
