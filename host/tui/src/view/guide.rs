//! The guided start.

use super::Brush;
use super::brush::rows;
use super::front;
use crate::bench::Offer;
use crate::state::{Guide, GuideStage, Hit};
use ratatui::layout::Rect;

pub(super) fn draw(guide: &Guide, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    brush.clear(area);
    let name = |full: &str| full.rsplit(':').next().unwrap_or(full).to_owned();
    let title = match guide.stage {
        GuideStage::Agent => "new run: which agent?".to_owned(),
        GuideStage::Env => format!("new run: {} in which world?", name(&guide.plan.agent)),
        GuideStage::Form => {
            format!("new run: {} in {}", name(&guide.plan.agent), name(&guide.plan.env))
        }
    };
    let hint = match guide.stage {
        GuideStage::Form => "enter starts or edits  esc back",
        _ => "enter chooses  esc back",
    };
    let inner = brush.frame(area, &title, hint, true);
    let [list, foot] = rows(inner, [None, Some(1)]);
    match guide.stage {
        GuideStage::Agent => offers(&guide.agents, guide.at, brush, list),
        GuideStage::Env => offers(&guide.envs, guide.at, brush, list),
        GuideStage::Form => form(guide, brush, list),
    }
    if let Some(error) = &guide.error {
        let style = theme.text().fg(theme.bad);
        brush.within(foot.x + 1, foot.y, foot.width.saturating_sub(2), error, style);
    }
}

fn offers(offers: &[Offer], at: usize, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let page = area.height as usize;
    let top = at.saturating_sub(page.saturating_sub(1));
    for (row, (idx, offer)) in offers.iter().enumerate().skip(top).take(page).enumerate() {
        let y = area.y + row as u16;
        let line = Rect::new(area.x, y, area.width, 1);
        brush.hit(line, Hit::Choice(idx));
        if idx == at {
            brush.buffer.set_style(line, theme.chosen());
        }
        let style = match (idx == at, &offer.unfit) {
            (true, _) => theme.chosen(),
            (false, Some(_)) => theme.dim(),
            (false, None) => theme.text(),
        };
        brush.within(area.x + 1, y, 28, &offer.name, style);
        let style = if idx == at { style } else { theme.dim() };
        brush.within(area.x + 30, y, 18, &offer.plugin, style);
        let more = match (&offer.unfit, offer.preset) {
            (Some(why), _) => why.as_str(),
            (None, true) => "has a preset",
            (None, false) => "",
        };
        brush.within(area.x + 49, y, area.width.saturating_sub(50), more, style);
    }
    if offers.is_empty() {
        let text = "none was found; `thorndike plugins list` says where they are looked for";
        brush.within(area.x + 1, area.y, area.width.saturating_sub(2), text, theme.dim());
    }
}

fn form(guide: &Guide, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let page = area.height as usize;
    let top = guide.at.saturating_sub(page.saturating_sub(1));
    let form_rows = guide.rows();
    for (row, idx) in (top..=form_rows.len()).take(page).enumerate() {
        let y = area.y + row as u16;
        let line = Rect::new(area.x, y, area.width, 1);
        brush.hit(line, Hit::Choice(idx));
        let is_chosen = idx == guide.at;
        if is_chosen {
            brush.buffer.set_style(line, theme.chosen());
        }
        let style = if is_chosen { theme.chosen() } else { theme.text() };
        let Some(form_row) = idx.checked_sub(1).map(|idx| &form_rows[idx]) else {
            let style = if is_chosen { style } else { theme.accent() };
            brush.within(area.x + 1, y, area.width, "start", style);
            continue;
        };
        brush.within(area.x + 1, y, 22, &form_row.name, style);
        match &guide.writing {
            Some(written) if is_chosen => {
                front::line(brush, Rect::new(area.x + 25, y, 18, 1), written);
            }
            _ => {
                let set = if form_row.is_set { style.fg(theme.accent) } else { style };
                brush.within(area.x + 25, y, 18, &form_row.value, set);
            }
        }
        let style = if is_chosen { style } else { theme.dim() };
        let room = area.width.saturating_sub(46);
        brush.within(area.x + 45, y, room, &form_row.says, style);
    }
}
