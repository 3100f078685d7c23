//! A few attachments: what the villager of the matter under way sent in today, drawn, so that nobody's place is shown.

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};

use super::random::Random;
use crate::chain::Actor;
use crate::files::{self, Files, Part};
use crate::petitions;
use crate::web::App;

/// Supplements the newest matter that is being handled with two drawn pictures and a paper.
pub(super) async fn supplement(app: &App, seed: u64) -> anyhow::Result<()> {
    let mut random = Random::of(seed, "files");
    let sent = vec![
        ("现场照片1（演示）.jpg".to_owned(), place(&mut random)?),
        ("现场照片2（演示）.jpg".to_owned(), place(&mut random)?),
        ("情况说明（演示）.pdf".to_owned(), PAPER.as_bytes().to_vec()),
    ];
    let mut read = app.db.read().await?;
    let newest: Option<(i64,)> = sqlx::query_as(
        "SELECT id FROM petition WHERE state = 'accepted' AND anonymous = 0 AND registered_by IS NULL
          ORDER BY id DESC LIMIT 1",
    )
    .fetch_optional(&mut *read)
    .await?;
    drop(read);
    let Some((petition,)) = newest else { return Ok(()) };
    let refused = |what: &dyn std::fmt::Debug| anyhow::anyhow!("附件没有收下：{what:?}");
    let received = files::receive(app, Files::from(sent), None).await.map_err(|refusal| refused(&refusal))?;
    anyhow::ensure!(received.refused.is_empty(), refused(&received.refused));
    let mut write = app.db.write().await?;
    let said = "今天又去看了，拍了两张照片，情况写在说明里。";
    let told = petitions::supplement(&mut write, app, petition, Actor::NOBODY, said).await;
    told.map_err(|hindered| refused(&hindered))?;
    let whose = (Part::Supplement, true);
    let claimed = files::claim(&mut write, app, Actor::NOBODY, petition, whose, &received.waiting).await;
    claimed.map_err(|refusal| refused(&refusal))?;
    write.commit().await?;
    Ok(())
}

/// Sky, hills, and a strip of water or road before them: a place out of doors, whatever the matter is about.
fn place(random: &mut Random) -> anyhow::Result<Vec<u8>> {
    const WIDTH: u32 = 640;
    let (mut hill, mut strip) = (random.within(150, 220), random.within(310, 360));
    let mut outline = Vec::new();
    for _ in 0..WIDTH {
        hill = (hill + random.within(-2, 2)).clamp(110, 260);
        strip = (strip + random.within(-1, 1)).clamp(290, 380);
        outline.push((u32::try_from(hill)?, u32::try_from(strip)?));
    }
    let picture = RgbImage::from_fn(WIDTH, 480, |x, y| {
        let (hill, strip) = outline[x as usize];
        let shade = |base: u32, depth: u32| u8::try_from(base.saturating_sub(depth)).unwrap_or_default();
        if y < hill {
            Rgb([shade(205, y / 6), shade(214, y / 9), shade(222, y / 14)])
        } else if y < strip {
            Rgb([shade(118, (y - hill) / 4), shade(132, (y - hill) / 6), 84])
        } else if y < strip + 50 {
            Rgb([shade(158, (y - strip) / 2), 150, 140])
        } else {
            Rgb([shade(146, (y - strip) / 8), 122, 90])
        }
    });
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, 82).encode_image(&picture)?;
    Ok(out)
}

/// A PDF of one page with one line.
const PAPER: &str = "%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj
4 0 obj<</Length 52>>stream
BT /F1 18 Tf 72 760 Td (Invented for the demo.) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
startxref
0
%%EOF
";
