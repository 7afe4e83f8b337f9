/* mos.h - listening quality estimated from delay and loss by ITU-T G.107's R factor. */
#ifndef PP_MEDIA_MOS_H
#define PP_MEDIA_MOS_H

/* one_way_delay_ms: network and jitter buffer; loss: 0 to 1 after FEC. `robust`: a codec with concealment and FEC (Opus).
 * 1 to 4.5. */
double pp_mos(double one_way_delay_ms, double loss, int robust);

#endif
